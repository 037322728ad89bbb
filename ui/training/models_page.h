// The page of installed models: import, rename, delete, export, what is known of each, and training
// one on.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>
#include <functional>

#include "core/compose/catalogue.h"

class QLabel;
class QListWidget;
class QPushButton;
class QTextBrowser;

namespace incipit {

class ModelsPage : public QWidget {
  Q_OBJECT

 public:
  explicit ModelsPage(std::function<Catalogue()> models, QWidget* parent = nullptr);

  void reload(const std::filesystem::path& choose = {});
  // Copies a checkpoint into the user's models folder and chooses it.
  void importModel(const std::filesystem::path& file);
  // The chosen one, to another name.
  void rename(const QString& name);

 Q_SIGNALS:
  void modelsChanged();  // files came, went or have another name
  void fineTuneWanted(const incipit::CheckpointInfo& model);

 private:
  QWidget* buildList();
  QWidget* buildCard();
  const CheckpointInfo* current() const;
  void showModel();
  void askImport();
  void askRename();
  void askRemove();
  void askExport();
  void showProblem(const QString& text);

  std::function<Catalogue()> models_;
  Catalogue catalogue_;
  QListWidget* list_ = nullptr;
  QLabel* problem_ = nullptr;
  QTextBrowser* card_ = nullptr;
  QPushButton* rename_ = nullptr;
  QPushButton* remove_ = nullptr;
  QPushButton* export_ = nullptr;
  QPushButton* tune_ = nullptr;
};

// What is known of a model, in Markdown: its metadata, then its card file.
QString modelCard(const CheckpointInfo& model);

}  // namespace incipit
