#include "ui/panels/output_menu.h"

#include <QCoreApplication>
#include <algorithm>

namespace incipit {
namespace {

constexpr int kChannels = 16;

QString tr(const char* text) { return QCoreApplication::translate("OutputMenu", text); }

bool present(const std::string& name, const std::vector<MidiPort>& outputs) {
  return std::any_of(outputs.begin(), outputs.end(),
                     [&](const MidiPort& p) { return p.name == name && p.present; });
}

void commitOutput(Session& session, TrackId id, const std::string& output) {
  const Track* now = session.document()->track(id);
  if (now == nullptr || now->output == output) return;
  Track changed = *now;
  changed.output = output;
  const QString name = output.empty() ? tr("Play through the synthesizer")
                                      : tr("Play through %1").arg(midiPortTitle(output));
  session.commit(name, replaceTrack(*session.document(), std::move(changed)));
}

void commitChannel(Session& session, TrackId id, int channel) {
  const Track* now = session.document()->track(id);
  if (now == nullptr || now->channel == channel) return;
  Track changed = *now;
  changed.channel = channel;
  session.commit(tr("MIDI channel %1").arg(channel + 1),
                 replaceTrack(*session.document(), std::move(changed)));
}

QAction* addChoice(QMenu& menu, const QString& text, bool chosen) {
  QAction* action = menu.addAction(text);
  action->setCheckable(true);
  action->setChecked(chosen);
  return action;
}

}  // namespace

QString midiPortTitle(const std::string& name) {
  const QString text = QString::fromStdString(name);
  return name == kVirtualMidiPort ? tr("%1 (virtual)").arg(text) : text;
}

bool outputMissing(const Track& track, const std::vector<MidiPort>& outputs) {
  return !track.output.empty() && !present(track.output, outputs);
}

QString outputText(const Track& track, const std::vector<MidiPort>& outputs) {
  if (track.output.empty()) return {};
  QString port = midiPortTitle(track.output);
  if (outputMissing(track, outputs)) port = tr("%1 (missing)").arg(port);
  return tr("%1 · channel %2").arg(port).arg(track.channel + 1);
}

void fillOutputMenu(QMenu& menu, Session& session, TrackId id,
                    const std::vector<MidiPort>& outputs) {
  menu.clear();
  const Track* track = session.document()->track(id);
  if (track == nullptr) return;
  const auto add = [&](const QString& text, const std::string& output) {
    QObject::connect(addChoice(menu, text, track->output == output), &QAction::triggered, &session,
                     [&session, id, output] { commitOutput(session, id, output); });
  };
  add(tr("Synthesizer"), {});
  menu.addSeparator();
  for (const MidiPort& p : outputs) {
    if (p.present) add(midiPortTitle(p.name), p.name);
  }
  if (outputMissing(*track, outputs))
    add(tr("%1 (missing)").arg(midiPortTitle(track->output)), track->output);
  menu.addSeparator();
  QMenu* channels = menu.addMenu(tr("MIDI channel"));
  for (int c = 0; c < kChannels; ++c) {
    const QString text = c == kDrumChannel ? tr("%1 (drums)").arg(c + 1) : QString::number(c + 1);
    QObject::connect(addChoice(*channels, text, track->channel == c), &QAction::triggered, &session,
                     [&session, id, c] { commitChannel(session, id, c); });
  }
}

}  // namespace incipit
