// Records what is played while the transport runs. One recording is one undo step, made when it
// stops: by stop(), with the transport, or before another document takes the place
// (Session::settle). It is put into the document as that is then, so edits made meanwhile stay. How
// events become notes, takes and lanes is in core/edit/recording.h.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <vector>

#include "core/time/grid.h"
#include "ui/session/live_input.h"

namespace incipit {

class Recording;

struct RecordSettings {
  int countInBars = 1;    // 0..2, clicked before the transport starts; none when it runs already
  bool metronome = true;  // clicks while recording, whatever Transport::metronome() says
  bool replace = false;   // otherwise overdub
  bool quantise = false;  // starts are written on the lines of `grid`; how they were played is kept
  Grid grid{16};
  bool operator==(const RecordSettings&) const = default;
};

// `wished`, or a new track of the document where that was removed: what was played finds a place.
TrackId trackToRecordOn(Document& document, TrackId wished);
// How long before the start a note may be played to count as on it: half a step of the grid, at
// least a thirty-second.
TickDelta earlyWindow(const Grid& grid, int ppq);

class Recorder : public QObject {
  Q_OBJECT

 public:
  Recorder(Session& session, Transport& transport, LiveInput& live, QObject* parent = nullptr);
  ~Recorder() override;

  const RecordSettings& settings() const { return settings_; }
  void setSettings(const RecordSettings& s);  // for the next recording

  bool recording() const { return recording_ != nullptr; }
  // Starts the transport (after the count-in) and records on LiveInput::track(), which is armed
  // meanwhile; where the transport rolls already, records from where it is.
  void record();
  // Stops the transport and commits.
  void stop();
  void toggle() { recording() ? stop() : record(); }

  // While recording: the track, where it began, and the notes of the pass at hand as they were
  // played (ids 0), held ones up to the position.
  TrackId track() const { return track_; }
  Tick from() const { return from_; }
  std::vector<Note> notes() const;
  // What the document would be if the recording stopped now, for a copy that survives a crash; null
  // where there is nothing to keep.
  DocumentPtr unfinished() const;

 Q_SIGNALS:
  void recordingChanged(bool recording);
  void notesChanged();  // at most once a poll, while recording
  void settingsChanged();
  void failed(const QString& message);  // one line for a banner

 private:
  void add(const LiveEvent& event);
  void follow();
  NoteEdit applied(Document document, TrackId& track, const Recording& recording) const;
  void commit();

  Session& session_;
  Transport& transport_;
  LiveInput& live_;
  RecordSettings settings_;
  std::unique_ptr<Recording> recording_;
  TrackId track_ = 0;
  TrackId armedBefore_ = 0;
  Tick from_;
};

}  // namespace incipit
