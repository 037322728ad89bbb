// The list of what was composed in the course of a training: a small roll each, to be played or
// taken into the document as a take.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "ui/session/note_player.h"
#include "ui/session/takes.h"
#include "ui/training/training_samples.h"

class QListWidget;
class QPushButton;

namespace incipit {

class SamplesView : public QWidget {
  Q_OBJECT

 public:
  // All outlive the view.
  SamplesView(TrainingSamples& samples, Session& session, Takes& takes, Player* player,
              QWidget* parent = nullptr);

 private:
  void showSample(std::size_t i);
  void showButtons();
  const TrainingSample* current() const;
  void playOrStop();

  TrainingSamples& samples_;
  Session& session_;
  Takes& takes_;
  NotePlayer player_;
  bool sounds_;
  QListWidget* list_;
  QPushButton* play_;
  QPushButton* insert_;
};

}  // namespace incipit
