// Blind listening: one seed continued by several models, shown in an order that chance has chosen,
// rated before it is said which is which.
//
// Ratings that were given blind are kept in the ratings file when the names are revealed, when
// another test takes the place of this one, and at the end; until then they can be changed.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <vector>

#include "core/compose/catalogue.h"
#include "core/compose/jobs.h"
#include "core/compose/ratings.h"

namespace incipit {

class BlindTest : public QObject {
  Q_OBJECT

 public:
  struct Candidate {
    CheckpointInfo model;
    std::shared_ptr<ComposeJob> job;
    std::vector<Note> notes;  // so far, in NoteOrder
    QString problem;          // one line; empty if fine
    int rating = 0;           // 1..kBestRating; 0: none
    // It is done and there is something to hear.
    bool mayBeRated() const { return job->finished() && problem.isEmpty() && !notes.empty(); }
  };

  // Without a JobRunner (nullptr) nothing can be started.
  explicit BlindTest(JobRunner* jobs, QObject* parent = nullptr);
  ~BlindTest() override;

  // `request` has bars, seed value, and the document, track and place to continue, or none of
  // those three: then all compose from nothing. Each model composes at its family's settings. The
  // order is drawn from `chance`. Ratings given before are kept first; where they cannot be,
  // nothing begins and nothing is revealed: they can be tried again.
  void start(std::vector<CheckpointInfo> models, const ComposeRequest& request,
             std::uint64_t chance);
  const std::vector<Candidate>& all() const { return all_; }  // in the order to show
  bool ofOpenPiece() const { return ofOpenPiece_; }
  bool revealed() const { return revealed_; }
  bool composing() const;

  // Nothing once the names are known, and for one that may not be.
  void rate(std::size_t i, int rating);
  void reveal();  // also before all are done

 Q_SIGNALS:
  void replaced();
  void changed(std::size_t i);  // its notes, its end or its rating
  void nowRevealed();
  void ratingsKept();
  void failed(const QString& message);

 private:
  void poll();
  bool keepRatings();  // false, and failed() told why: they are still only here

  JobRunner* jobs_;
  std::vector<Candidate> all_;
  bool ofOpenPiece_ = false;
  bool revealed_ = false;
  std::shared_ptr<QObject> alive_;  // what jobs wake; gone with this
};

}  // namespace incipit
