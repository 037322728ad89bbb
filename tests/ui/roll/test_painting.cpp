// What the roll paints: pixels where notes are, both paint paths, caches, half a million notes.
#include <QImage>

#include "core/compose/jobs.h"
#include "core/rng.h"
#include "tests/ui/roll_fixture.h"
#include "ui/roll/note_painter.h"
#include "ui/theme/style_sheet.h"

using namespace incipit;

class TestPainting : public QObject {
  Q_OBJECT

  static QImage shot(QWidget* w, double dpr = 1) {
    QImage image((QSizeF(w->size()) * dpr).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(dpr);
    w->render(&image, QPoint(), QRegion(), QWidget::DrawWindowBackground);
    return image;
  }
  static QColor pixel(const QImage& image, QPointF at) {
    return image.pixelColor((at * image.devicePixelRatio()).toPoint());
  }
  static NoteColours colours(const RollFixture& f) { return {theme(), f.session.track()->colour}; }
  static void load(RollFixture& f, std::size_t count, int bars) {
    Rng rng(3);
    std::vector<Note> notes(count);
    for (Note& n : notes) {
      n.start = {static_cast<std::int64_t>(rng.below(static_cast<std::uint32_t>(bars) * 16)) * 240};
      n.length = {240 * (1 + static_cast<std::int64_t>(rng.below(4)))};
      n.pitch = static_cast<std::uint8_t>(40 + rng.below(45));
      n.velocity = static_cast<std::uint8_t>(1 + rng.below(127));
    }
    f.given(notes);
  }

 private Q_SLOTS:
  void init() { ThemeHolder::instance().apply(true); }

  void noteIsNoteColouredByVelocity() {
    RollFixture f;
    f.given({makeNote(2, 60, 2, 10), makeNote(6, 60, 2, 120)});
    const QImage image = shot(f.canvas);
    const NoteColours c = colours(f);
    QCOMPARE(pixel(image, f.at(3.4, 60)), c.fill[0]);
    QCOMPARE(pixel(image, f.at(7.4, 60)), c.fill[7]);
    QVERIFY(c.fill[7].lightnessF() > c.fill[0].lightnessF() + 0.15F);
    QCOMPARE(pixel(image, f.at(5, 60) + QPointF(6, 0)), theme().whiteRow);
    QCOMPARE(pixel(image, f.at(5, 61) + QPointF(6, 0)), theme().blackRow);
  }

  void shadesGetDarkerOnPaper() {
    const NoteColours c(lightTheme(), 0x4C8DFF);
    for (std::size_t i = 1; i < kShades; ++i)
      QVERIFY(c.fill[i].lightnessF() < c.fill[i - 1].lightnessF());
  }

  void labelsCanBeRead() {
    for (const Theme* t : {&darkTheme(), &lightTheme()}) {
      for (std::size_t track = 0; track < 12; ++track) {
        const NoteColours c(*t, trackColour(track));
        for (std::size_t i = 0; i < kShades; ++i) {
          QVERIFY2(contrastRatio(c.fill[i], c.text[i]) >= 4.5, qPrintable(c.fill[i].name()));
          QVERIFY2(contrastRatio(c.selected[i], c.selectedText[i]) >= 4.5,
                   qPrintable(c.selected[i].name()));
        }
      }
    }
  }

  void selectionAndPreviewAreDrawn() {
    RollFixture f;
    const auto n = f.given({makeNote(2, 60, 2)});
    f.session.select(n);
    QCOMPARE(pixel(shot(f.canvas), f.at(3.4, 60)), colours(f).selected[5]);
    f.press(f.canvas, f.at(3, 60));
    f.move(f.canvas, f.at(7, 64));
    const QImage moved = shot(f.canvas);
    QCOMPARE(pixel(moved, f.at(7.4, 64)), colours(f).selected[5]);
    QCOMPARE(pixel(moved, f.at(3.4, 60)), theme().whiteRow);
    QTest::keyClick(f.canvas, Qt::Key_Escape);
    QCOMPARE(pixel(shot(f.canvas), f.at(3.4, 60)), colours(f).selected[5]);
    f.release(f.canvas, f.at(7, 64));
  }

  void ghostsLoopScaleAndPlayhead() {
    RollFixture f;
    const QColor plain = pixel(shot(f.canvas), f.at(6.4, 60));
    TrackEdit two = addTrack(*f.session.document(), "Bass", 32);
    f.session.commit(QStringLiteral("x"),
                     addNotes(two.document, two.track, std::vector{makeNote(6, 60)}).document);
    const QColor ghost = pixel(shot(f.canvas), f.at(6.4, 60));
    QVERIFY(ghost != plain);
    QVERIFY(ghost != colours(f).fill[5]);
    f.session.setScale({0, Mode::kMajor}, true);
    QCOMPARE(pixel(shot(f.canvas), f.at(9.6, 64)), theme().scaleRow);
    QCOMPARE(pixel(shot(f.canvas), f.at(9.6, 61)), theme().blackRow);
    f.session.setScale({0, Mode::kMajor}, false);
    f.transport.setLoopRange({Tick{8 * 960}, Tick{12 * 960}});
    QCOMPARE(pixel(shot(f.canvas), f.at(9.6, 64)), theme().whiteRow);
    f.transport.setLooping(true);
    QVERIFY(pixel(shot(f.canvas), f.at(9.6, 64)) != theme().whiteRow);
    f.transport.seek({10 * 960});
    QCOMPARE(pixel(shot(f.canvas), f.at(10, 64)), theme().playhead);
  }

  void takeIsDrawnOverItsRange() {
    RollFixture f;
    f.given({makeNote(0, 60, 200)});
    const QColor plain = theme().whiteRow;
    f.takes.generate();
    QTRY_VERIFY(!f.takes.generating());
    QTRY_COMPARE(f.takes.currentTake()->notes().size(), 8u);
    // It begins in bar 51: the view went there.
    QVERIFY(f.at(200, 60).x() >= 0 && f.at(204, 60).x() < f.canvas->width());
    QCOMPARE(f.notes().size(), 1u);
    QImage image = shot(f.canvas);
    const QColor ground = pixel(image, f.at(201.4, 72));
    QVERIFY(ground != plain);
    const QColor note = pixel(image, f.at(201.4, 61));
    QVERIFY(note != ground && note != plain);
    QVERIFY(note.red() > note.blue() + 40);  // amber, not a note of the document
    f.takes.discard();
    QCOMPARE(pixel(shot(f.canvas), f.at(201.4, 72)), plain);
  }

  void themeChangesAtOnce() {
    RollFixture f;
    (void)shot(f.canvas);
    ThemeHolder::instance().apply(false);
    QCOMPARE(pixel(shot(f.canvas), f.at(9.6, 64)), lightTheme().whiteRow);
    f.given({makeNote(2, 60, 2)});
    QCOMPARE(pixel(shot(f.canvas), f.at(3.4, 60)), colours(f).fill[5]);
  }

  void linesAreCrispAtEveryScale() {
    RollFixture f;
    for (const double dpr : {1.0, 1.25, 1.5, 2.0}) {
      GridLayer layer;
      RollView v = f.editor.state().view();
      v.left = {123};
      const QPixmap& p = layer.pixmap({v, QSize(400, 200), dpr, &theme(), f.session.grid(),
                                       f.session.document()->meter, std::nullopt, true});
      QCOMPARE(p.size(), (QSizeF(400, 200) * dpr).toSize());
      const QImage image = p.toImage();
      const int row = static_cast<int>(8 * dpr);
      const int x = static_cast<int>(std::lround(v.x(Tick{3840}) * dpr));
      QCOMPARE(image.pixelColor(x, row), theme().barLine);
      for (const int beside : {x - 1, x + 1})
        QVERIFY(image.pixelColor(beside, row) != theme().barLine);
    }
  }

  void gridIsCachedUntilItChanges() {
    RollFixture f;
    GridLayer layer;
    GridLayer::Key key{
        f.editor.state().view(),     QSize(400, 200), 1,   &theme(), f.session.grid(),
        f.session.document()->meter, std::nullopt,    true};
    const auto first = layer.pixmap(key).cacheKey();
    QCOMPARE(layer.pixmap(key).cacheKey(), first);
    key.view.left = {240};
    QVERIFY(layer.pixmap(key).cacheKey() != first);
  }

  void denseViewsShowTheSameNotes() {
    RollFixture f;
    load(f, 30000, 40);
    const TickRange all = f.editor.state().view().ticks(0, f.canvas->width());
    RollView v = f.editor.state().view();
    f.editor.zoomToSong();
    v = f.editor.state().view();
    QVERIFY(NotePainter::dense(*f.session.document(), v, v.ticks(0, f.canvas->width())));
    QVERIFY(!NotePainter::dense(newDocument(), v, all));
    const QImage image = shot(f.canvas);
    // Every sampled pixel that a note covers is of a note's colour, every other is not.
    const NoteColours c = colours(f);
    const auto noteColoured = [&](const QColor& p) {
      return std::find(c.fill.begin(), c.fill.end(), p) != c.fill.end();
    };
    int covered = 0;
    for (int x = 20; x < f.canvas->width() - 20; x += 37) {
      for (int pitch = 30; pitch < 90; ++pitch) {
        const QPointF at(x + 0.5, v.y(pitch) + v.rowPx / 2);
        if (at.y() < 1 || at.y() > f.canvas->height() - 2) continue;
        bool inside = false;
        bool near = false;
        f.session.track()->notes.forEachIn(v.ticks(x - 2, x + 3), [&](const Note& n) {
          if (n.pitch != pitch) return;
          near = true;
          inside = inside || (v.x(n.start) < x - 1 && v.x(n.end()) > x + 2);
        });
        if (inside) QVERIFY(noteColoured(pixel(image, at)));
        if (!near) QVERIFY(!noteColoured(pixel(image, at)));
        covered += inside ? 1 : 0;
      }
    }
    QVERIFY(covered > 100);
  }

  void partialRepaintEqualsAFullOne() {
    for (const std::size_t count : {std::size_t{300}, std::size_t{30000}}) {
      RollFixture f;
      load(f, count, 40);
      if (count > 1000) f.editor.zoomToSong();
      const QImage full = shot(f.canvas);
      for (const int x : {0, 101, 400}) {
        const QRect strip(x, 0, 23, f.canvas->height());
        QImage part(strip.size(), QImage::Format_ARGB32_Premultiplied);
        f.canvas->render(&part, QPoint(), QRegion(strip), QWidget::DrawWindowBackground);
        QCOMPARE(part, full.copy(strip));
      }
    }
  }

  void halfAMillionNotes() {
    RollFixture f;
    load(f, 500000, 20000);
    f.session.select({f.notes()[250000]});
    f.editor.zoomToSelection();
    QVERIFY(f.editor.state()
                .view()
                .ticks(0, f.canvas->width())
                .contains(f.session.selection()[0].start));
    const QImage close = shot(f.canvas);
    f.editor.zoomToSong();
    const QImage far = shot(f.canvas);
    QVERIFY(close != far);
    const RollView v = f.editor.state().view();
    QVERIFY(v.x(f.session.document()->end()) <= f.canvas->width() + 1);
    // Dragging one note among them is one step.
    f.editor.zoomToSelection();
    const Note n = f.session.selection()[0];
    const QPointF from = noteRect(n, f.editor.state().view()).center();
    const std::size_t before = f.undos();
    f.drag(f.canvas, from, from - QPointF(0, f.editor.state().view().rowPx));
    QCOMPARE(f.undos(), before + 1);
    QCOMPARE(f.notes().size(), 500000u);
  }
};

QTEST_MAIN(TestPainting)
#include "test_painting.moc"
