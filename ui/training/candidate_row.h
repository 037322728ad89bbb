// One continuation of a blind test: its letter, its picture, play, and the rating; what made it is
// shown once it is revealed.
//
// Keys 1 to 5 rate the row that has the focus, wherever in it. Thread safety: GUI thread only.
#pragma once

#include <QFrame>

#include "ui/training/blind_test.h"

class QButtonGroup;
class QLabel;
class QPushButton;

namespace incipit {

class CandidateRow : public QFrame {
  Q_OBJECT

 public:
  explicit CandidateRow(int number, QWidget* parent = nullptr);  // 0 is shown as A

  struct State {
    bool playing = false;
    bool revealed = false;
    bool canPlay = false;
    bool canInsert = false;
  };
  void show(const BlindTest::Candidate& candidate, const State& state);

 Q_SIGNALS:
  void playWanted();  // or stop
  void rated(int rating);
  void insertWanted();
  void notesWanted();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* buildRating();
  void drawPicture();
  QPushButton* addButton(const char* name, const QString& text, const QString& help);

  QString letter_;
  std::vector<Note> drawn_;
  TickRange range_;
  QLabel* picture_;
  QLabel* name_;
  QPushButton* play_;
  QButtonGroup* rating_;
  QPushButton* insert_;
  QPushButton* notes_;
};

}  // namespace incipit
