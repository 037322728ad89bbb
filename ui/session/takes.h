// Candidates: what the model offers beside the document. Generating starts one compose job per
// take; their notes stream into the takes, the current take is the overlay that views draw and
// playback sounds. Accepting is one undo step; discarding leaves no trace.
//
// Thread safety: GUI thread only (jobs wake it through the event loop). A Takes without a JobRunner
// (nullptr) reports that no model can run.
#pragma once

#include <QObject>
#include <QString>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/compose/jobs.h"
#include "core/compose/request_json.h"
#include "ui/session/transport.h"

namespace incipit {

// What the compose panel holds; kept between runs.
struct ComposeSettings {
  std::filesystem::path checkpoint;
  int bars = 4;
  double temperature = 0.9;
  double topP = 0.9;
  int takes = 1;  // 1..8
  std::uint64_t seed = 1;
  bool seedFixed = false;  // otherwise each Generate draws a new one
  bool together = false;   // all tracks that are not muted, where FamilyInfo::severalTracks
  Settings family;         // of the checkpoint's family, FamilyInfo::settings
};

struct Take {
  std::shared_ptr<ComposeJob> job;
  std::vector<TrackNotes> tracks;  // so far, each in NoteOrder; the first is Takes::track()

  const std::vector<Note>& notes() const { return tracks.front().notes; }
  std::size_t noteCount() const;  // of all tracks
  bool hear();                    // takes what the job has composed since; whether that is any
};

class Takes : public QObject {
  Q_OBJECT

 public:
  Takes(Session& session, Transport& transport, JobRunner* jobs, QObject* parent = nullptr);
  ~Takes() override;

  const ComposeSettings& settings() const { return settings_; }
  void setSettings(const ComposeSettings& s);

  // Where Generate would continue: the bar line at or after the end of the notes of the active
  // track, or of all that would be composed together (of the selection, if there is one).
  Tick continuationStart() const;
  // What Generate would compose together with the active track, as the settings say.
  std::vector<TrackId> partners() const;

  // Discards the takes there are and starts settings().takes new ones after continuationStart().
  void generate();
  // Makes a generated region of the document again, from what it stores and the checkpoint that
  // made it; the result is a take.
  void regenerate(const GeneratedRegion& region, const std::filesystem::path& checkpoint);
  // Discards the takes there are and makes one of what a job has composed for a track of the
  // document. Nothing where that track is gone.
  void offer(const std::shared_ptr<ComposeJob>& job, std::vector<Note> notes);
  bool generating() const;
  void cancel();  // keeps what was sampled

  const std::vector<Take>& takes() const { return takes_; }
  int current() const { return current_; }  // -1 when there is none
  const Take* currentTake() const;
  TrackId track() const { return track_; }
  TickRange range() const { return range_; }
  double progress() const;  // 0..1 over all takes
  void next();
  void previous();
  // Puts the current take into the document: notes and provenance of all its tracks, one undo step.
  // Its notes on track() become the selection. Nothing without notes.
  void accept();
  void discard();

 Q_SIGNALS:
  void takesChanged();     // number, current one or its notes
  void progressChanged();  // also when generating() changes
  void settingsChanged();
  void failed(const QString& message);  // one line for a banner

 private:
  void start(std::vector<ComposeRequest> requests);
  void poll();
  void showOverlay();
  bool allThere(const ComposeRequest& request) const;  // the tracks that it is for

  Session& session_;
  Transport& transport_;
  JobRunner* jobs_;
  ComposeSettings settings_;
  std::vector<Take> takes_;
  std::vector<bool> reported_;  // takes whose end was handled
  int current_ = -1;
  TrackId track_ = 0;
  TickRange range_;
  std::shared_ptr<QObject> alive_;  // what jobs wake; gone with this
};

}  // namespace incipit
