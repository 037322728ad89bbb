// What the network that is being trained composes from time to time: takes of its last weights,
// made on the interactive worker with the same seed value each time, so that they can be compared.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QPixmap>
#include <QString>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/compose/jobs.h"

namespace incipit {

struct TrainingSample {
  int epoch = 0;
  double validationLoss = 0;  // NaN where there is none
  bool ofOpenPiece = false;   // continues the document that was open; else from nothing
  std::shared_ptr<ComposeJob> job;
  std::vector<Note> notes;  // so far, in NoteOrder
  QString problem;          // one line; empty if fine
};

class TrainingSamples : public QObject {
  Q_OBJECT

 public:
  explicit TrainingSamples(JobRunner* jobs, QObject* parent = nullptr);
  ~TrainingSamples() override;

  // `request` has the document, track and place to continue, or none of them: then it is composed
  // from nothing. Nothing while the one before is still waiting for its turn.
  void ask(int epoch, double validationLoss, ComposeRequest request);
  const std::vector<TrainingSample>& all() const { return all_; }
  void clear();

 Q_SIGNALS:
  void added();
  void changed(std::size_t index);  // its notes, or its end
  void cleared();

 private:
  void poll();

  JobRunner* jobs_;
  std::vector<TrainingSample> all_;
  std::shared_ptr<QObject> alive_;  // what jobs wake; gone with this
};

// Notes as bars over time, as the roll draws them.
QPixmap rollPicture(const std::vector<Note>& notes, TickRange range, QSize size, double ratio);

}  // namespace incipit
