#include "core/edit/recording.h"

namespace incipit {

Recording::Recording(Tick start, TickDelta early, std::optional<TickRange> loop)
    : start_(start), early_(early), loop_(loop), ranges_{{start, start}} {}

void Recording::add(const LiveEvent& /*event*/) {}
void Recording::heard(Tick /*position*/) {}
void Recording::jumped(Tick /*position*/) {}
void Recording::stop(Tick /*position*/) {}
std::vector<RecordedPass> Recording::passes() const { return {}; }
std::vector<Note> Recording::notesNow() const { return {}; }

NoteEdit applyRecording(const Document& d, TrackId /*track*/, const Recording& /*recording*/,
                        const RecordOptions& /*options*/) {
  return {d, {}};
}

}  // namespace incipit
