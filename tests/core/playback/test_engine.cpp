#include <QtTest>
#include <atomic>
#include <thread>

#include "core/playback/audio/fluid_synth.h"
#include "core/playback/engine.h"
#include "soundfonts/soundfonts.h"
#include "tests/core/playback/counting.h"
#include "tests/core/playback/fixtures.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

struct Sound {
  std::vector<float> left;
  std::vector<float> right;
};

// Plays `plan` from the start in callbacks of the given sizes, over and over.
Sound playIn(const std::vector<int>& blocks, Synth& synth, std::unique_ptr<Plan> plan, int frames) {
  AudioEngine engine;
  engine.setSynth(&synth);
  engine.setPlan(std::move(plan));
  engine.play(1, Tick{0});
  Sound s;
  s.left.resize(static_cast<std::size_t>(frames));
  s.right.resize(s.left.size());
  std::size_t i = 0;
  for (int at = 0; at < frames; ++i) {
    const int n = std::min(blocks[i % blocks.size()], frames - at);
    engine.processRt(s.left.data() + at, s.right.data() + at, n);
    at += n;
  }
  return s;
}

AudioSettings settings() {
  AudioSettings s;
  s.polyphony = 64;
  return s;
}

}  // namespace

class TestEngine : public QObject {
  Q_OBJECT

  std::unique_ptr<FluidSynth> makeSynth(const AudioSettings& wished = settings()) {
    LoadedSynth loaded = loadSynth(wished);
    if (loaded.synth == nullptr) qWarning("%s", loaded.problem.c_str());
    return std::move(loaded.synth);
  }

 private Q_SLOTS:
  void theSoundDoesNotDependOnTheCallbackSize() {
    Rng rng(5);
    const DocumentPtr d = share(randomDocument(rng, 4, 60, 9000));
    const int frames = 48000 * 4;
    const auto plan = [&] { return PlanCompiler(48000).compile(d); };
    RecordingSynth whole;
    const Sound expected = playIn({frames}, whole, plan(), frames);
    const std::vector<std::vector<int>> sizes = {{64}, {256},         {1},
                                                 {63}, {65, 7, 1024}, {480, 441, 3}};
    for (const std::vector<int>& blocks : sizes) {
      RecordingSynth cut;
      const Sound s = playIn(blocks, cut, plan(), frames);
      QCOMPARE(s.left, expected.left);
      QCOMPARE(s.right, expected.right);
    }
    QVERIFY(whole.only(Told::kOn).size() > 50);
  }

  void fluidSynthRendersTheSameBitsWhateverTheCallbackSize() {
    Rng rng(6);
    const DocumentPtr d = share(randomDocument(rng, 4, 60, 9000));
    const int frames = 48000 * 2;
    std::vector<Sound> sounds;
    for (const std::vector<int>& blocks : {std::vector<int>{1024}, {256}, {1, 100, 333}}) {
      const auto synth = makeSynth();
      if (synth == nullptr) QSKIP("no soundfont is installed and none was built");
      sounds.push_back(playIn(blocks, *synth, PlanCompiler(48000).compile(d), frames));
    }
    QVERIFY(*std::max_element(sounds[0].left.begin(), sounds[0].left.end()) > 0.01F);
    for (std::size_t i = 1; i < sounds.size(); ++i) {
      QCOMPARE(std::memcmp(sounds[0].left.data(), sounds[i].left.data(), frames * sizeof(float)),
               0);
      QCOMPARE(std::memcmp(sounds[0].right.data(), sounds[i].right.data(), frames * sizeof(float)),
               0);
    }
  }

  void ourDefaultsAreTheSynths() {
    const auto synth = makeSynth();
    if (synth == nullptr) QSKIP("no soundfont is installed and none was built");
    // What the chase takes a controller to be that nobody set, apart from volume, pan and program,
    // which each track sets itself.
    Document d = newDocument();
    Scheduler scheduler(*synth);
    PlanCompiler compiler(48000);
    std::map<int, int> fresh;
    for (int c = 0; c < 120; ++c) fresh[c] = synth->controller(0, c);
    for (int c = 1; c < 120; ++c) {
      const bool parameter = c == 6 || c == 38 || (c >= 96 && c <= 101);
      if (c != 32 && c != 84 && !parameter) d = setLane(d, 1, c, {{{960}, 33}});
    }
    d = withNotes(d, {note(0, 9600, 60)});
    const auto with = compiler.compile(share(d));
    scheduler.adoptRt(with.get());
    scheduler.playRt(1000);
    for (int c = 1; c < 120; ++c) {
      if (d.track(1)->lanes.contains(c)) QCOMPARE(synth->controller(0, c), 33);
    }
    scheduler.seekRt(0);
    for (const auto& [c, value] : fresh) {
      if (c == kVolume || c == kPan || c == 84) continue;  // 84 is a message, not a state
      QVERIFY2(synth->controller(0, c) == value,
               qPrintable(QString("CC%1: %2, a fresh channel has %3")
                              .arg(c)
                              .arg(synth->controller(0, c))
                              .arg(value)));
    }
    scheduler.adoptRt(nullptr);
  }

  void theCallbackNeverTouchesTheHeap() {
    if (INCIPIT_HEAP_COUNTED == 0) QSKIP("the sanitizer has its own heap");
    for (const bool effects : {false, true}) {
      AudioSettings wished = settings();
      wished.reverb = wished.chorus = effects;
      const auto synth = makeSynth(wished);
      if (synth == nullptr) QSKIP("no soundfont is installed and none was built");
      AudioEngine engine;
      engine.setSynth(synth.get());
      Rng rng(77);
      Document d = randomDocument(rng, 6, 200, 30000);
      PlanCompiler compiler(48000);
      PlanOptions options;
      PlanOverlay overlay;
      std::vector<float> left(300);
      std::vector<float> right(300);
      long calls = 0;
      float loudest = 0;
      engine.setPlan(compiler.compile(share(d)));
      engine.play(1, Tick{0});
      for (int i = 0; i < 1500; ++i) {
        // What a user and a streaming take do between callbacks.
        switch (i % 25) {
          case 3:
            engine.seek(2, Tick{rng.below(20000)});
            break;
          case 5:
            engine.previewOn(static_cast<int>(rng.below(128)), i % 2 == 0, 60, 90);
            break;
          case 8:
            engine.previewOff(60);
            break;
          case 11:
            options.metronome = !options.metronome;
            break;
          case 14:
            options.loop = TickRange{{i * 10}, {i * 10 + 2000}};
            break;
          case 17:
            options.loop.reset();
            break;
          case 19:
            d = setTempo(d, {{rng.below(9000)}, 300000 + rng.below(400000)});
            break;
          case 20:
            d = edited(d, 2, [](Track& t) { t.mute = !t.mute; });
            break;
          case 22:
            engine.stop(4);
            break;
          case 23:
            engine.play(3, Tick{rng.below(20000)});
            break;
          case 24:
            if (i % 100 == 99) engine.panic();
            break;
          default:
            break;
        }
        overlay.resize(1);
        overlay.front().track = 1;
        overlay.front().notes.push_back(note(i * 20, 400, 50 + i % 30));
        if (i % 2 == 0) engine.setPlan(compiler.compile(share(d), overlay, options));
        const int frames = 1 + static_cast<int>(rng.below(300));
        {
          const HeapCount heap;
          engine.processRt(left.data(), right.data(), frames);
          calls += heap.calls();
        }
        for (int f = 0; f < frames; ++f)
          loudest = std::max(loudest, left[static_cast<std::size_t>(f)]);
      }
      QVERIFY(loudest > 0.01F);
      QCOMPARE(calls, 0L);
    }
    const HeapCount heap;
    void* volatile block = std::malloc(8);
    std::free(block);
    QVERIFY2(heap.calls() >= 2, "the counter must count, or nothing was shown");
  }

  // With ThreadSanitizer this shows that the hand-over is sound; without it, that nothing is lost.
  void guiAndAudioThreadsShareNothingUnguarded() {
    RecordingSynth synth;
    AudioEngine engine;
    engine.setSynth(&synth);
    std::atomic<bool> finish{false};
    std::atomic<int> callbacks{0};
    std::thread audio([&] {
      std::vector<float> left(256);
      std::vector<float> right(256);
      while (!finish.load()) {
        engine.processRt(left.data(), right.data(), 256);
        callbacks.fetch_add(1);
      }
    });
    Rng rng(3);
    Document d = randomDocument(rng, 3, 100, 20000);
    PlanCompiler compiler(48000);
    for (std::uint32_t i = 1; i <= 400; ++i) {
      d = edited(d, 1, [&](Track& t) { t.volume = static_cast<int>(i % 128); });
      engine.setPlan(compiler.compile(share(d)));
      if (i % 3 == 0) engine.play(i, Tick{rng.below(20000)});
      if (i % 7 == 0) engine.seek(i, Tick{rng.below(20000)});
      if (i % 11 == 0) engine.stop(i);
      const EnginePosition p = engine.position();
      QVERIFY(p.tick >= 0);
      QVERIFY(p.run <= i);
    }
    // The last plan is taken whether or not the window asks for anything.
    const auto letPass = [&](int more) {
      const int seen = callbacks.load();
      while (callbacks.load() < seen + more) std::this_thread::yield();
    };
    letPass(3);
    engine.play(999, Tick{0});
    engine.stop(1000);
    letPass(3);
    finish = true;
    audio.join();
    QCOMPARE(synth.soundingNotes(), 0);
    QVERIFY(synth.faults.empty());
    QCOMPARE(engine.position().run, 1000U);
    QCOMPARE((synth.controls[{0, kVolume}]), 400 % 128);
  }

  void thePositionIsThatOfTheFirstFrameOfTheLastCallback() {
    RecordingSynth synth;
    AudioEngine engine;
    engine.setSynth(&synth);
    engine.setPlan(
        PlanCompiler(48000).compile(share(withNotes(newDocument(), {note(0, 96000, 60)}))));
    engine.play(9, Tick{960});
    std::vector<float> left(256);
    std::vector<float> right(256);
    engine.processRt(left.data(), right.data(), 256);
    QCOMPARE(engine.position().run, 9U);
    QCOMPARE(engine.position().tick, std::int64_t{960});
    QVERIFY(engine.position().playing);
    for (int i = 0; i < 10; ++i) engine.processRt(left.data(), right.data(), 250);
    // 256 + 9 * 250 = 2506 frames later, 25 frames a tick.
    QCOMPARE(engine.position().tick, std::int64_t{960 + 2506 / 25});
  }

  // As when a large soundfont arrives after the music has begun.
  void anotherSynthIsOfferedWhilePlaying() {
    RecordingSynth first;
    RecordingSynth second;
    AudioEngine engine;
    engine.setSynth(&first);
    Document d = withNotes(newDocument(), {note(0, 480, 60), note(960, 9600, 64)});
    d = setLane(d, 1, kModulation, {{{0}, 44}});
    engine.setPlan(PlanCompiler(48000).compile(share(d)));
    engine.play(1, Tick{0});
    std::vector<float> left(12800);
    std::vector<float> right(left.size());
    engine.processRt(left.data(), right.data(), 6400);
    engine.offerSynth(&second);
    engine.processRt(left.data(), right.data(), 6400);
    QVERIFY(engine.position().playing);
    QCOMPARE(second.soundingNotes(), 0);
    QCOMPARE((second.controls[{0, kModulation}]), 44);
    QCOMPARE((second.controls[{0, kVolume}]), 100);
    QVERIFY(second.programs.contains(0));
    engine.processRt(left.data(), right.data(), 12800);
    QCOMPARE(second.soundingNotes(), 1);
    QVERIFY(second.faults.empty());
    engine.setSynth(nullptr);
  }

  void changingTheSynthStopsAndKeepsThePlan() {
    RecordingSynth first;
    RecordingSynth second;
    AudioEngine engine;
    engine.setSynth(&first);
    engine.setPlan(
        PlanCompiler(48000).compile(share(withNotes(newDocument(), {note(0, 9600, 60)}))));
    engine.play(1, Tick{0});
    std::vector<float> left(64);
    std::vector<float> right(64);
    engine.processRt(left.data(), right.data(), 64);
    QCOMPARE(first.soundingNotes(), 1);
    engine.setSynth(&second);
    engine.processRt(left.data(), right.data(), 64);
    QVERIFY(!engine.position().playing);
    QCOMPARE(second.soundingNotes(), 0);
    engine.play(2, Tick{0});
    engine.processRt(left.data(), right.data(), 64);
    QCOMPARE(second.soundingNotes(), 1);
  }
};

QTEST_APPLESS_MAIN(TestEngine)
#include "test_engine.moc"
