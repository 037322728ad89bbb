// Which music is looked at as pictures: a folder, its sets, the kind of picture. What is chosen is
// kept and shared by the pages of the Lab.
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <QWidget>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/compose/lab.h"
#include "core/corpus/picture_set.h"

class QComboBox;
class QLineEdit;

namespace incipit {

struct MusicChoice {
  std::filesystem::path folder;
  std::string sets;  // comma-separated; empty: all
  PictureKind kind = PictureKind::kTicks;
};

class MusicForm : public QWidget {
  Q_OBJECT

 public:
  // `prefix` begins the names of its fields: "FolderEdit", "SetsEdit", "KindCombo". A form without
  // kinds takes that of a model.
  MusicForm(const QString& prefix, bool kinds, QSettings& settings, QWidget* parent = nullptr);
  MusicChoice choice() const;
  bool ready() const;  // a folder is named

 Q_SIGNALS:
  void changed();

 protected:
  void showEvent(QShowEvent* event) override;  // with what another page chose

 private:
  void keep();

  QSettings& settings_;
  QLineEdit* folder_;
  QLineEdit* sets_;
  QComboBox* kind_;
};

QString pictureKindName(PictureKind kind);

// The pictures of a folder's music; for a worker. Fails with one line where there is none.
Result<std::shared_ptr<const PictureSet>> openMusic(const MusicChoice& choice,
                                                    const LabProgress& progress,
                                                    const std::stop_token& stop);

}  // namespace incipit
