// The session's live classes over a scripted player and engine.
#pragma once

#include <QSignalSpy>
#include <QtTest>
#include <memory>
#include <set>
#include <utility>

#include "tests/ui/fake_engine.h"
#include "tests/ui/fake_player.h"
#include "ui/session/call_response.h"
#include "ui/session/recorder.h"
#include "ui/session/step_input.h"
#include "ui/session/typing_keyboard.h"

namespace incipit {

struct LiveFixture {
  FakePlayer player;
  std::shared_ptr<Script> script = std::make_shared<Script>();
  JobRunner jobs{FakeEngine::loader(script)};
  Session session;
  Transport transport{session, &player};
  Takes takes{session, transport, &jobs};
  LiveInput live{session, transport};

  static constexpr std::int64_t kBeat = kDefaultPpq;
  static constexpr std::int64_t kBar = 4 * kDefaultPpq;

  // The transport runs on to `to`, and the events are taken.
  void runTo(std::int64_t to) {
    player.advance(Tick{to} - player.now);
    live.poll();
  }
  // A key pressed and released within a beat's half.
  void strike(int key, std::int64_t at, int velocity = 80) {
    runTo(at);
    player.press(key, velocity);
    player.advance({kBeat / 2});
    player.release(key);
    live.poll();
  }
  std::size_t undos() const { return session.history().position(); }
  std::vector<Note> notes() const { return session.track()->notes.toVector(); }
  // "start+length key", of the active track.
  QStringList text() const { return text(notes()); }
  static QStringList text(const std::vector<Note>& notes) {
    QStringList out;
    for (const Note& n : notes) {
      out += QString("%1+%2 %3").arg(n.start.count).arg(n.length.count).arg(n.pitch);
    }
    return out;
  }
  // {key, velocity} of all notes of the document.
  std::multiset<std::pair<int, int>> sounds() const {
    std::multiset<std::pair<int, int>> out;
    for (const TrackPtr& t : session.document()->tracks) {
      for (const Note& n : t->notes) out.emplace(n.pitch, n.velocity);
    }
    return out;
  }
};

}  // namespace incipit
