#include "models/training_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <set>

namespace incipit {

Result<Corpus> readTrainingCorpus(const TrainRequest& request, std::int64_t leastNotes,
                                  TrainSink& sink, const std::stop_token& stop) {
  const auto start = std::chrono::steady_clock::now();
  CorpusOptions options;
  options.sets = request.sets;
  options.shippableOnly = request.shippableOnly;
  auto corpus = readCorpus(request.data, options, {}, stop);
  if (!corpus || corpus->cancelled) return corpus;
  const bool some =
      std::any_of(corpus->sequences.begin(), corpus->sequences.end(), [&](const CorpusSequence& s) {
        return corpus->pieces[s.piece].split == Split::kTrain &&
               static_cast<std::int64_t>(s.notes.size()) >= leastNotes;
      });
  if (!some) {
    return fail(fmt::format("{}: holds no melodic track of at least {} notes to train on",
                            request.data.string(), leastNotes));
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  sink.message(
      fmt::format("{} pieces, {} notes, {:.1f} hours read in {:.1f} s ({} files rejected, {} of "
                  "them duplicates)",
                  corpus->pieces.size(), corpus->notes, corpus->seconds / 3600, spent.count(),
                  corpus->rejected.size(), corpus->duplicates));
  return corpus;
}

std::string dataLicences(const Corpus& corpus) {
  std::set<std::string> licences;
  for (const CorpusPiece& p : corpus.pieces) {
    if (p.split == Split::kTrain && !p.licence.empty()) licences.insert(p.licence);
  }
  return licences.empty() ? std::string() : fmt::format("data: {}", fmt::join(licences, "; "));
}

}  // namespace incipit
