// Blind listening: composes, lists the continuations, plays them, takes the ratings.
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <QWidget>
#include <functional>
#include <vector>

#include "ui/session/note_player.h"
#include "ui/session/takes.h"
#include "ui/training/blind_test.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace incipit {

class CandidateRow;

class ListenView : public QWidget {
  Q_OBJECT

 public:
  struct Parts {  // all outlive the view; player may be null
    BlindTest& test;
    Session& session;
    Takes& takes;
    Player* player;
    QSettings& settings;
  };
  // `chosen` are the models to compare.
  ListenView(const Parts& parts, std::function<std::vector<CheckpointInfo>()> chosen,
             bool canCompose, QWidget* parent = nullptr);

  void showState();  // after another choice of models
  void showProblem(const QString& text);

 private:
  void buildHead(QVBoxLayout* column);
  void compose();
  void showRows();
  void showRow(std::size_t i);
  void playOrStop(std::size_t i);
  void insert(std::size_t i);
  void showNotes(std::size_t i);

  Parts parts_;
  std::function<std::vector<CheckpointInfo>()> chosen_;
  bool canCompose_;
  NotePlayer player_;
  int playing_ = -1;
  std::vector<CandidateRow*> rows_;
  QSpinBox* bars_ = nullptr;
  QCheckBox* seedFirst_ = nullptr;
  QPushButton* compose_ = nullptr;
  QPushButton* reveal_ = nullptr;
  QLabel* about_ = nullptr;
  QLabel* problem_ = nullptr;
  QVBoxLayout* list_ = nullptr;
};

}  // namespace incipit
