#include "ui/lab/model_combo.h"

#include <QSignalBlocker>
#include <algorithm>
#include <utility>

namespace incipit {

ModelCombo::ModelCombo(const LabParts& parts, const char* name, const QString& help,
                       std::function<bool(const FamilyInfo&)> wanted, QWidget* parent)
    : QComboBox(parent), parts_(parts), wanted_(std::move(wanted)) {
  setObjectName(name);
  setToolTip(help);
  setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  setMinimumContentsLength(8);
  setPlaceholderText(tr("none is installed"));
  connect(&parts_.families, &Families::answered, this, &ModelCombo::reload);
  connect(this, &QComboBox::currentIndexChanged, this, &ModelCombo::modelChanged);
  reload();
}

void ModelCombo::reload() {
  const QVariant chosen = currentData();
  {
    const QSignalBlocker quiet(this);
    clear();
    for (const CheckpointInfo& m :
         parts_.models ? parts_.models().models : std::vector<CheckpointInfo>()) {
      const FamilyInfo* family = parts_.families.find(m.family);
      if (family == nullptr || !wanted_(*family)) continue;
      addItem(QString::fromStdString(m.path.stem().string()),
              QString::fromStdString(m.path.string()));
      setItemData(count() - 1, QString::fromStdString(m.title), Qt::ToolTipRole);
    }
    setCurrentIndex(count() == 0 ? -1 : std::max(0, findData(chosen)));
  }
  Q_EMIT modelChanged();
}

std::filesystem::path ModelCombo::model() const { return currentData().toString().toStdString(); }

}  // namespace incipit
