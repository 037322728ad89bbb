// Call and response: the player plays a call of some bars, the model answers on the next downbeat
// for as many bars, and so on until the transport stops. The model is asked kLead before the bar
// line, with the document and the call as it is then (what is still held ends at the bar line for
// it; the recorded note keeps its true end). The answer streams in: it is heard and shown while it
// is made. An exchange is one undo step: what was played in it, the answer, and the answer's
// provenance where it was complete by then.
//
// All that is played while the transport runs in this mode is kept, whenever it was. Of an answer
// that is cut short by a stop, what was heard is. Nothing played in a call: no answer, the next
// call follows at once. An answer of which nothing has come kMargin before its downbeat is put off
// to the next one (late()). The loop is turned off, takes that wait are discarded.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <chrono>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "ui/session/live_input.h"
#include "ui/session/takes.h"

namespace incipit {

class Recording;

class CallResponse : public QObject {
  Q_OBJECT

 public:
  enum class Phase { kIdle, kCall, kAnswer };
  static constexpr std::chrono::milliseconds kLead{250};
  static constexpr std::chrono::milliseconds kMargin{50};

  // The model, its settings, temperature, top-p and seed are those of `takes`. Without a JobRunner
  // (nullptr) or a Player it says that nothing can be done and stays off.
  CallResponse(Session& session, Transport& transport, LiveInput& live, Takes& takes,
               JobRunner* jobs, QObject* parent = nullptr);
  ~CallResponse() override;

  bool on() const { return on_; }
  // On, a running transport begins with the call on the next downbeat, a standing one when it
  // plays. Off ends an exchange as a stop does; the transport runs on.
  void setOn(bool on);
  int bars() const { return bars_; }  // 1..8
  void setBars(int bars);             // from the next call on
  int countInBars() const { return countInBars_; }
  void setCountInBars(int bars);  // 0..2, of start()

  // What Record does in this mode: turns it on and starts the transport after the count-in.
  void start();
  // Stops the transport; what there is is kept.
  void stop();

  // kIdle also while it is on and the transport stands.
  Phase phase() const { return phase_; }
  TrackId track() const { return track_; }           // of the exchange
  TickRange callRange() const { return call_; }      // empty when idle
  TickRange answerRange() const { return answer_; }  // empty until it was asked for
  bool late() const { return late_; }  // the answer missed its downbeat and was put off
  // As played so far, held notes up to the position; ids 0.
  std::vector<Note> callNotes() const;
  const std::vector<Note>& answerNotes() const { return answerNotes_; }  // so far; ids 0

 Q_SIGNALS:
  void settingsChanged();               // on, bars, count-in
  void changed();                       // phase, ranges or notes; at most once a poll
  void failed(const QString& message);  // one line for a banner

 private:
  void begin();
  void follow();  // every poll
  void add(const LiveEvent& event);
  void ask(Tick now);
  void hear(Tick now);  // what has come of the answer
  void putOff(Tick now);
  bool answerFails();
  std::unique_ptr<Recording> carriedOver(Tick now);
  void endExchange(Tick now);
  void finish(Tick now);
  Document exchanged(const Document& d, Tick now) const;
  bool calledIn(TickRange range) const;
  double secondsTo(Tick from, Tick to) const;

  Session& session_;
  Transport& transport_;
  LiveInput& live_;
  Takes& takes_;
  JobRunner* jobs_;
  bool on_ = false;
  int bars_ = 2;
  int countInBars_ = 1;
  Phase phase_ = Phase::kIdle;
  TrackId track_ = 0;
  TrackId armedBefore_ = 0;
  TickRange call_;
  TickRange answer_;
  Tick heard_;          // where the transport was at the last poll
  bool asked_ = false;  // in this call, whether or not there was something to answer
  bool late_ = false;
  std::unique_ptr<Recording> recording_;           // of this exchange
  std::map<std::pair<int, int>, LiveEvent> down_;  // keys held, by channel and key: their note-ons
  std::map<int, LiveEvent> pedals_;  // pedals, bend and pressure that are held: their last values
  std::shared_ptr<ComposeJob> job_;  // null: nothing to answer
  std::vector<Note> answerNotes_;
};

}  // namespace incipit
