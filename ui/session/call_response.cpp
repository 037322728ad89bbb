#include "ui/session/call_response.h"

#include <algorithm>

namespace incipit {

CallResponse::CallResponse(Session& session, Transport& transport, LiveInput& live, Takes& takes,
                           JobRunner* jobs, QObject* parent)
    : QObject(parent),
      session_(session),
      transport_(transport),
      live_(live),
      takes_(takes),
      jobs_(jobs) {}

CallResponse::~CallResponse() = default;

void CallResponse::setOn(bool on) {
  if (on == on_) return;
  on_ = on;
  Q_EMIT settingsChanged();
}

void CallResponse::setBars(int bars) {
  bars_ = std::clamp(bars, 1, 8);
  Q_EMIT settingsChanged();
}

void CallResponse::setCountInBars(int bars) {
  countInBars_ = std::clamp(bars, 0, 2);
  Q_EMIT settingsChanged();
}

void CallResponse::start() {
  setOn(true);
  transport_.playAfterCountIn(countInBars_);
}

void CallResponse::stop() { transport_.stop(); }

std::vector<Note> CallResponse::callNotes() const { return {}; }

}  // namespace incipit
