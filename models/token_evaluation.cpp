#include "models/token_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/optimiser.h"
#include "models/token_network.h"

namespace incipit {
namespace {

constexpr std::uint32_t kContext = 100;
constexpr std::uint32_t kWindow = 256;
constexpr int kLeastCount = 50;

// The published vocabulary of the evaluated data, and how frequent its words are.
struct Question {
  std::shared_ptr<const TokenWords> words;
  std::vector<double> share;  // of each word from kFirstWord on
};

Result<Question> questionOf(const Corpus& corpus, Split split) {
  WordCounts counts = countWords(corpus, Split::kTrain, ChordSpelling::kPitchClasses);
  if (counts.empty()) counts = countWords(corpus, split, ChordSpelling::kPitchClasses);
  ChordVocabularyOptions options;
  options.leastCount = kLeastCount;
  auto vocabulary = ChordVocabulary::build(counts, options);
  if (!vocabulary) {
    // A small collection.
    options.leastCount = 1;
    vocabulary = ChordVocabulary::build(counts, options);
  }
  if (!vocabulary) return fail(vocabulary.error().message);
  Question q;
  double sum = 0;
  for (int id = ChordVocabulary::kFirstWord; id < vocabulary->size(); ++id) {
    q.share.push_back(static_cast<double>(counts[vocabulary->word(id)]));
    sum += q.share.back();
  }
  for (double& s : q.share) s /= sum;
  q.words = std::make_shared<const TokenWords>(std::move(*vocabulary));
  return q;
}

class Evaluator {
 public:
  Evaluator(const TokenPreset& preset, TokenNetwork& network, const Question& question,
            const TokenCorpus& own, const TokenCorpus& asked)
      : preset_(preset), network_(network), question_(question), own_(own), asked_(asked) {
    // Which of the question's words each own word is heard as.
    for (int id = ChordVocabulary::kFirstWord; id < own.vocabulary->size(); ++id) {
      const std::vector<int>& pitches = own.vocabulary->pitches(id);
      const std::string& word = own.vocabulary->vocabulary().word(id);
      const auto& known = question.words->vocabulary();
      const int same = preset.published()
                           ? known.id(word)
                           : known.id(chordWord(pitches, ChordSpelling::kPitchClasses));
      heardAs_.push_back(same == ChordVocabulary::kUnknown
                             ? static_cast<std::int64_t>(question.share.size())
                             : same - ChordVocabulary::kFirstWord);
    }
  }

  void add(std::span<const NoteWindow> windows) {
    const at::NoGradGuard noGrad;
    at::Tensor own;  // [tokens, own words]
    if (preset_.published()) {
      own = published(windows);
    } else {
      const auto scores = static_cast<ImprovedTokens&>(network_).score(own_, windows, kContext);
      step_ -= scores.step.sum().item<double>();
      word_ -= scores.word.sum().item<double>();
      length_ -= scores.length.sum().item<double>();
      own = scores.words.slice(1, ChordVocabulary::kFirstWord);
    }
    all_ += own.size(0);
    const auto words = static_cast<std::int64_t>(question_.share.size());
    const at::Tensor heard =
        at::zeros({own.size(0), words + 1}, own.options())
            .index_add(
                1, tensorOf(heardAs_, {static_cast<std::int64_t>(heardAs_.size())}, at::kCPU), own)
            .slice(1, 0, words)
            .contiguous();
    std::int64_t row = 0;
    for (const NoteWindow& w : windows) {
      const auto index = w.sequence - own_.corpus.sequences.data();
      const std::span<const std::int32_t> asked(asked_.words[static_cast<std::size_t>(index)]);
      for (const std::int32_t id : asked.subspan(w.first + kContext, w.count - kContext)) {
        if (id != ChordVocabulary::kUnknown) {
          answer({heard.data_ptr<float>() + row * words, static_cast<std::size_t>(words)},
                 static_cast<std::size_t>(id - ChordVocabulary::kFirstWord));
        }
        ++row;
      }
    }
  }

  void addFigures(Evaluation& out) const {
    if (tokens_ == 0) return;
    const auto n = static_cast<double>(tokens_);
    out.loss = nats_ / n;
    out.accuracy = static_cast<double>(correct_) / n;
    out.figures = {{"tokens", n},
                   {"NLL of note and chord words (nats/token)", *out.loss},
                   {"top-1 accuracy", *out.accuracy},
                   {"words asked for", static_cast<double>(question_.share.size())}};
    if (preset_.published()) return;
    const auto all = static_cast<double>(all_);
    out.figures.insert(
        out.figures.end(),
        {{"joint NLL of step, word and length (nats/token)", (step_ + word_ + length_) / all},
         {"step NLL (nats/token)", step_ / all},
         {"NLL of words with octaves given the step (nats/token)", word_ / all},
         {"length NLL (nats/token)", length_ / all}});
  }

 private:
  void answer(std::span<const float> said, std::size_t truth) {
    constexpr double kSpread = 0.02;
    double sum = 0;
    for (const float p : said) sum += p;
    const double known = sum > 0 ? said[truth] / sum : 0;
    nats_ -= std::log((1 - kSpread) * known + kSpread * question_.share[truth]);
    const auto best = std::max_element(said.begin(), said.end()) - said.begin();
    correct_ += static_cast<std::size_t>(best) == truth ? 1 : 0;
    ++tokens_;
  }

  // Each onset from the last words that the network knows; where those are too few they are
  // repeated in front of themselves.
  at::Tensor published(std::span<const NoteWindow> windows) {
    const auto length = static_cast<std::size_t>(preset_.length);
    std::vector<std::vector<int>> histories;
    for (const NoteWindow& w : windows) {
      const auto words = own_.wordsOf(*w.sequence);
      std::vector<int> known;
      for (std::size_t i = 0; i < w.first + w.count; ++i) {
        if (i >= w.first + kContext) {
          const std::size_t n = std::min(length, known.size());
          histories.emplace_back(known.end() - static_cast<std::ptrdiff_t>(n), known.end());
        }
        if (words[i] != ChordVocabulary::kUnknown) known.push_back(words[i]);
      }
    }
    const std::size_t n = histories.size();
    std::vector<std::int64_t> input(length * n, ChordVocabulary::kFirstWord);
    for (std::size_t k = 0; k < n; ++k) {
      const std::vector<int>& h = histories[k];
      for (std::size_t i = 0; i < length && !h.empty(); ++i) {
        input[i * n + k] = h[(i + h.size() - length % h.size()) % h.size()];
      }
    }
    return at::softmax(static_cast<PublishedTokens&>(network_).logits(
                           input, static_cast<std::int64_t>(n), std::nullopt),
                       1);
  }

  const TokenPreset& preset_;
  TokenNetwork& network_;
  const Question& question_;
  const TokenCorpus& own_;    // in the words of the network
  const TokenCorpus& asked_;  // the same onsets in the words of the question
  std::vector<std::int64_t> heardAs_;
  double nats_ = 0, step_ = 0, word_ = 0, length_ = 0;
  std::int64_t tokens_ = 0, correct_ = 0, all_ = 0;
};

}  // namespace

Result<Evaluation> evaluateTokens(const EvaluateRequest& request, const TensorFile& file,
                                  TrainSink& sink, const std::stop_token& stop) {
  const auto split = splitNamed(request.split);
  if (!split) return fail(split.error().message);
  auto checkpoint = tokenCheckpoint(file);
  if (!checkpoint) return fail(checkpoint.error().message);
  CorpusOptions options;
  options.sets = request.sets;
  auto corpus = readCorpus(request.data, options, {}, stop);
  if (!corpus) return fail(corpus.error().message);
  Evaluation out;
  out.cancelled = corpus->cancelled;
  if (out.cancelled) return out;
  const auto question = questionOf(*corpus, *split);
  if (!question) return fail(question.error().message);
  // Of the other splits nothing is needed any more.
  for (CorpusSequence& s : corpus->sequences) {
    if (corpus->pieces[s.piece].split != *split) s.notes.clear();
  }
  const TokenCorpus asked = tokensOf(*corpus, question->words, true);
  const TokenCorpus own =
      tokensOf(std::move(*corpus),
               std::make_shared<const TokenWords>(std::move(checkpoint->vocabulary)), true);
  const auto windows =
      evaluationWindows(own.corpus, *split, kWindow, kContext, request.examples, request.seed);
  if (windows.empty()) {
    return fail(fmt::format("{}: its {} split holds no track of more than {} notes and chords",
                            request.data.string(), request.split, kContext));
  }
  at::set_num_threads(std::max(1, request.threads));
  const auto network = makeTokenNetwork(checkpoint->preset, 1, at::kCPU);
  if (auto loaded = loadParameters(file, *network); !loaded) return fail(loaded.error().message);
  Evaluator evaluator(checkpoint->preset, *network, *question, own, asked);
  constexpr std::size_t kChunk = 8;
  for (std::size_t i = 0; i < windows.size() && !stop.stop_requested(); i += kChunk) {
    const auto part = std::span(windows).subspan(i, std::min(kChunk, windows.size() - i));
    evaluator.add(part);
    TrainPoint p;
    p.fraction = static_cast<double>(i + part.size()) / static_cast<double>(windows.size());
    sink.point(p);
  }
  evaluator.addFigures(out);
  out.cancelled = stop.stop_requested();
  return out;
}

}  // namespace incipit
