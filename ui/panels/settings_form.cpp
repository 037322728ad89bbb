#include "ui/panels/settings_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

#include "ui/panels/parts.h"

namespace incipit {
namespace {

using Kind = SettingInfo::Kind;
constexpr int kDecimals = 8;
constexpr int kDigits = 12;

// Shows as many decimals as the value has.
class NumberSpin final : public QDoubleSpinBox {
 public:
  NumberSpin() {
    setDecimals(kDecimals);
    setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  }
  QString textFromValue(double value) const override {
    QString text = locale().toString(value, 'f', kDecimals);
    while (text.endsWith('0')) text.chop(1);
    if (!text.isEmpty() && !text.back().isDigit()) text.chop(1);
    return text;
  }
};

// The values of a description that the rest of `values` cannot spoil.
Settings soundValues(const std::vector<SettingInfo>& infos, const Settings& values) {
  Settings out;
  for (const SettingInfo& info : infos) {
    const auto it = values.find(info.id);
    const bool good = it != values.end() && checkSettings({info}, {*it}).has_value();
    out[info.id] = good ? it->second : info.value;
  }
  return out;
}

}  // namespace

SettingsForm::SettingsForm(QWidget* parent) : QWidget(parent), reset_(new QPushButton) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  body_ = new QWidget;
  column->addWidget(body_);
  reset_->setObjectName("settingsResetButton");
  reset_->setText(tr("Reset to defaults"));
  reset_->setToolTip(tr("Puts every setting above back to its default"));
  reset_->setProperty("role", "link");
  connect(reset_, &QPushButton::clicked, this, &SettingsForm::reset);
  column->addWidget(reset_, 0, Qt::AlignRight);
  hide();
}

QWidget* SettingsForm::makeField(const SettingInfo& info) {
  if (info.kind == Kind::kSwitch) {
    auto* box = new QCheckBox(QString::fromStdString(info.label));
    connect(box, &QCheckBox::toggled, this, &SettingsForm::fieldChanged);
    connect(box, &QCheckBox::clicked, this, &SettingsForm::editingDone);
    return box;
  }
  if (info.kind == Kind::kChoice) {
    auto* box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    for (const auto& [id, label] : info.choices) {
      box->addItem(QString::fromStdString(label), QString::fromStdString(id));
    }
    connect(box, &QComboBox::currentIndexChanged, this, &SettingsForm::fieldChanged);
    connect(box, &QComboBox::activated, this, &SettingsForm::editingDone);
    return box;
  }
  if (info.kind == Kind::kInteger) {
    auto* spin = new QSpinBox;
    spin->setRange(static_cast<int>(info.least), static_cast<int>(info.most));
    spin->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    connect(spin, &QSpinBox::valueChanged, this, &SettingsForm::fieldChanged);
    connect(spin, &QSpinBox::editingFinished, this, &SettingsForm::editingDone);
    return spin;
  }
  auto* spin = new NumberSpin;
  spin->setRange(info.least, info.most);
  connect(spin, &QDoubleSpinBox::valueChanged, this, &SettingsForm::fieldChanged);
  connect(spin, &QDoubleSpinBox::editingFinished, this, &SettingsForm::editingDone);
  return spin;
}

void SettingsForm::setInfos(const std::vector<SettingInfo>& infos, const Settings& values) {
  setting_ = true;
  infos_ = infos;
  fields_.clear();
  auto* fresh = new QWidget;
  auto* grid = new QGridLayout(fresh);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(10);
  grid->setVerticalSpacing(6);
  grid->setColumnStretch(0, 1);
  constexpr int kFieldWidth = 118;
  grid->setColumnMinimumWidth(1, kFieldWidth);
  for (const SettingInfo& info : infos_) {
    QWidget* field = makeField(info);
    field->setObjectName("setting." + QString::fromStdString(info.id));
    field->setToolTip(QString::fromStdString(info.help));
    const int row = grid->rowCount();
    if (info.kind == Kind::kSwitch) {
      grid->addWidget(field, row, 0, 1, 2);
    } else {
      QLabel* label = makeFieldLabel(QString::fromStdString(info.label), field);
      label->setToolTip(field->toolTip());
      label->setWordWrap(true);
      field->setFixedWidth(kFieldWidth);
      grid->addWidget(label, row, 0);
      grid->addWidget(field, row, 1);
    }
    fields_.push_back(field);
  }
  layout()->replaceWidget(body_, fresh);
  delete body_;
  body_ = fresh;
  const Settings sound = soundValues(infos_, values);
  for (std::size_t i = 0; i < infos_.size(); ++i) setValue(i, sound.at(infos_[i].id));
  setting_ = false;
  showReset();
  setVisible(!infos_.empty());
}

void SettingsForm::setValue(std::size_t i, const std::string& text) {
  const QString value = QString::fromStdString(text);
  if (auto* box = qobject_cast<QCheckBox*>(fields_[i])) {
    box->setChecked(value == "on");
  } else if (auto* combo = qobject_cast<QComboBox*>(fields_[i])) {
    combo->setCurrentIndex(combo->findData(value));
  } else if (auto* whole = qobject_cast<QSpinBox*>(fields_[i])) {
    whole->setValue(static_cast<int>(value.toDouble()));
  } else if (auto* number = qobject_cast<QDoubleSpinBox*>(fields_[i])) {
    number->setValue(value.toDouble());
  }
}

std::string SettingsForm::valueOf(std::size_t i) const {
  if (const auto* box = qobject_cast<QCheckBox*>(fields_[i])) {
    return box->isChecked() ? "on" : "off";
  }
  if (const auto* combo = qobject_cast<QComboBox*>(fields_[i])) {
    return combo->currentData().toString().toStdString();
  }
  if (const auto* whole = qobject_cast<QSpinBox*>(fields_[i])) {
    return std::to_string(whole->value());
  }
  const auto* number = qobject_cast<QDoubleSpinBox*>(fields_[i]);
  return QString::number(number->value(), 'g', kDigits).toStdString();
}

Settings SettingsForm::values() const {
  Settings out;
  for (std::size_t i = 0; i < infos_.size(); ++i) out[infos_[i].id] = valueOf(i);
  return out;
}

void SettingsForm::reset() {
  setting_ = true;
  for (std::size_t i = 0; i < infos_.size(); ++i) setValue(i, infos_[i].value);
  setting_ = false;
  fieldChanged();
  Q_EMIT editingDone();
}

void SettingsForm::fieldChanged() {
  if (setting_) return;
  showReset();
  Q_EMIT changed();
}

void SettingsForm::showReset() {
  bool asDescribed = true;
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    const std::string now = valueOf(i);
    const bool numeric = infos_[i].kind == Kind::kNumber || infos_[i].kind == Kind::kInteger;
    asDescribed = asDescribed && (numeric ? QString::fromStdString(now).toDouble() ==
                                                QString::fromStdString(infos_[i].value).toDouble()
                                          : now == infos_[i].value);
  }
  reset_->setEnabled(!asDescribed);
}

void storeValues(QSettings& settings, const QString& group, const Settings& values) {
  settings.beginGroup(group);
  for (const auto& [id, value] : values) {
    settings.setValue(QString::fromStdString(id), QString::fromStdString(value));
  }
  settings.endGroup();
}

Settings storedValues(QSettings& settings, const QString& group) {
  Settings out;
  settings.beginGroup(group);
  for (const QString& id : settings.childKeys()) {
    out[id.toStdString()] = settings.value(id).toString().toStdString();
  }
  settings.endGroup();
  return out;
}

}  // namespace incipit
