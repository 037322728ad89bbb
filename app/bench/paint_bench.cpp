#include "app/bench/paint_bench.h"

#include <QElapsedTimer>
#include <QImage>
#include <QPainter>
#include <algorithm>
#include <iomanip>
#include <ostream>

#include "core/edit/edits.h"
#include "core/rng.h"
#include "ui/gestures/rubber_band_gesture.h"
#include "ui/roll/roll_canvas.h"

namespace incipit {
namespace {

constexpr int kRepeats = 15;
constexpr int kTracks = 8;
constexpr std::size_t kNotesABar = 25;
constexpr QSize kSize(1600, 900);

template <typename F>
double medianMs(int repeats, F&& f) {
  std::vector<double> times;
  for (int i = 0; i < repeats; ++i) {
    QElapsedTimer timer;
    timer.start();
    f();
    times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
  }
  std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
  return times[static_cast<std::size_t>(repeats / 2)];
}

PaintBenchRow measure(std::size_t count) {
  Session session;
  session.load(std::make_shared<const Document>(paintBenchDocument(count)));
  Transport transport(session, nullptr);
  Takes takes(session, transport, nullptr);
  RollState state(session, transport, takes);
  RollCanvas canvas(state);
  canvas.resize(kSize);
  state.setViewport(kSize);
  QImage image(kSize, QImage::Format_ARGB32_Premultiplied);
  const auto frame = [&] {
    canvas.render(&image, QPoint(), QRegion(), QWidget::DrawWindowBackground);
  };

  PaintBenchRow row;
  row.notes = count;
  const Document& d = *session.document();
  const Tick middle = d.meter.barStart(d.meter.barBeat(d.end()).bar / 2);
  const Tick sixteenLater = d.meter.barStart(d.meter.barBeat(middle).bar + 16);
  RollView view = state.view().showing({middle, sixteenLater}, kSize.width());
  view.topPitch = 90;
  state.setView(view);
  frame();
  row.windowMs = medianMs(kRepeats, frame);

  const Track& track = *session.track();
  const QPointF centre(kSize.width() / 2.0, kSize.height() / 2.0);
  row.hitMs = medianMs(101, [&] { (void)hitTest(track.notes, state.view(), centre); });
  const TickRange window = state.view().ticks(0, kSize.width());
  row.bandMs = medianMs(kRepeats, [&] {
    session.select(notesInBand(track.notes, window, kLowestPitch, kHighestPitch));
  });

  std::vector<Note> dragged;
  for (const Note& n : track.notes) {
    if (n.start >= middle && dragged.size() < 1000) dragged.push_back(n);
  }
  session.select(dragged);
  int way = 0;
  row.dragMs = medianMs(kRepeats, [&] {
    way = 10 - way;
    state.setPreview(moveNotes(*session.document(), session.activeTrack(), session.selection(),
                               TickDelta{way}, 0));
    frame();
  });
  state.clearPreview();
  session.clearSelection();

  view = state.view().showing({Tick{0}, d.end()}, kSize.width());
  view.rowPx = 7;
  view.topPitch = kPitchRows;
  state.setView(view);
  frame();
  row.songMs = medianMs(kRepeats, frame);
  return row;
}

}  // namespace

Document paintBenchDocument(std::size_t notes) {
  Document d = newDocument();
  for (int i = 1; i < kTracks; ++i) d = addTrack(d, "Track", i * 8).document;
  Rng rng(1);
  const std::int64_t bar = std::int64_t{4} * d.ppq;
  const auto bars = static_cast<std::int64_t>(std::max<std::size_t>(notes / kNotesABar, 16));
  const std::size_t each = notes / kTracks;
  for (std::size_t t = 0; t < kTracks; ++t) {
    std::vector<Note> some(t + 1 < kTracks ? each : notes - each * (kTracks - 1));
    for (Note& n : some) {
      n.start = {static_cast<std::int64_t>(rng.uniform() * static_cast<double>(bars * 16)) * bar /
                 16};
      n.length = {bar / 16 * (1 + rng.below(8))};
      n.pitch = static_cast<std::uint8_t>(36 + rng.below(48));
      n.velocity = static_cast<std::uint8_t>(30 + rng.below(97));
    }
    d = addNotes(d, d.tracks[t]->id, some).document;
  }
  return d;
}

std::vector<PaintBenchRow> paintBenchmark(std::ostream& out) {
  std::vector<PaintBenchRow> rows;
  out << "   notes   16 bars ms   song ms   drag 1000 ms   hit ms   band ms\n";
  for (const std::size_t notes : {std::size_t{1000}, std::size_t{100000}, std::size_t{500000}}) {
    const PaintBenchRow r = measure(notes);
    out << std::fixed << std::setw(8) << r.notes << std::setprecision(2) << std::setw(13)
        << r.windowMs << std::setw(10) << r.songMs << std::setw(15) << r.dragMs
        << std::setprecision(4) << std::setw(9) << r.hitMs << std::setw(10) << r.bandMs
        << std::endl;
    rows.push_back(r);
  }
  return rows;
}

}  // namespace incipit
