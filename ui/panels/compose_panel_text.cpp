#include "ui/panels/compose_panel_text.h"

#include <QCoreApplication>
#include <QLocale>

#include "ui/actions/edit_commands.h"

namespace incipit {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("ComposePanel", text); }

QString parameterText(std::int64_t n) {
  if (n >= 1'000'000)
    return tr("%1 M parameters").arg(static_cast<double>(n) / 1e6, 0, 'f', n < 10'000'000 ? 1 : 0);
  return tr("%1 parameters").arg(QLocale().toString(static_cast<qlonglong>(n)));
}

QString trackName(const Document& d, TrackId id) {
  const Track* t = d.track(id);
  if (t == nullptr) return tr("a removed track");
  return t->name.empty() ? tr(generalMidiName(t->program)) : QString::fromStdString(t->name);
}

}  // namespace

QString modelSummary(const CheckpointInfo& info) {
  QString text = QString::fromStdString(info.family);
  if (!info.preset.empty()) text += ", " + QString::fromStdString(info.preset);
  text += " · " + parameterText(info.parameters);
  if (const auto loss = info.metadata.find("validation_loss"); loss != info.metadata.end()) {
    bool isNumber = false;
    const double value = QString::fromStdString(loss->second).toDouble(&isNumber);
    if (isNumber) text += tr(" · validation loss %1").arg(value, 0, 'f', 3);
  }
  return text;
}

QString generatingText(std::size_t notes, double seconds) {
  if (notes == 0) return tr("Waiting for the first note…");
  return tr("%1 · %2 notes/s")
      .arg(noteCount(notes))
      .arg(static_cast<double>(notes) / std::max(seconds, 0.001), 0, 'f', 0);
}

QString takeSummary(const Take& take) {
  QString text = noteCount(take.noteCount());
  if (take.tracks.size() > 1) text += tr(" on %1 tracks").arg(take.tracks.size());
  text += tr(" · seed %1").arg(take.job->request().seed);
  if (take.job->state() == JobState::kCancelled) text += tr(" · stopped");
  if (take.job->state() == JobState::kQueued) text += tr(" · queued");
  return text;
}

QString continuationText(const Session& session, const Takes& takes) {
  const Track* track = session.track();
  if (track == nullptr) return tr("Add a track to compose on.");
  const Document& d = *session.document();
  const auto bar = d.meter.barBeat(takes.continuationStart()).bar + 1;
  const auto last = bar + takes.settings().bars - 1;
  if (const auto partners = takes.partners(); !partners.empty()) {
    return tr("Continues %1 tracks together, bars %2–%3.")
        .arg(partners.size() + 1)
        .arg(bar)
        .arg(last);
  }
  if (track->notes.empty())
    return tr("Starts from nothing on %1, bars %2–%3: draw a few notes to give it an idea.")
        .arg(trackName(d, track->id))
        .arg(bar)
        .arg(last);
  if (!session.selection().empty())
    return tr("Continues the selection on %1, bars %2–%3.")
        .arg(trackName(d, track->id))
        .arg(bar)
        .arg(last);
  return tr("Continues %1, bars %2–%3.").arg(trackName(d, track->id)).arg(bar).arg(last);
}

QString regionTitle(const Document& d, const GeneratedRegion& r) {
  const auto first = d.meter.barBeat(r.range.from).bar + 1;
  const Tick inside{std::max(r.range.from.count, r.range.to.count - 1)};
  const auto last = d.meter.barBeat(inside).bar + 1;
  const QString bars =
      first == last ? tr("Bar %1").arg(first) : tr("Bars %1–%2").arg(first).arg(last);
  return bars + ", " + trackName(d, r.track);
}

QString regionDetail(const GeneratedRegion& r) {
  return tr("Model %1\n%2")
      .arg(QString::fromStdString(r.modelHash).left(12), QString::fromStdString(r.settings));
}

}  // namespace incipit
