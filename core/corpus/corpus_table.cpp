#include "core/corpus/corpus_table.h"

#include <fmt/format.h>

#include "core/io/table.h"

namespace incipit {
namespace {

std::string instrumentNames(const PieceFacts& f) {
  std::string names;
  for (const std::uint8_t p : f.programs) {
    if (!names.empty()) names += "; ";
    names += generalMidiName(p);
  }
  if (f.drums) names += names.empty() ? "Drums" : "; Drums";
  return names;
}

}  // namespace

std::string corpusCsv(const Corpus& corpus) {
  std::string out =
      "file,status,reason,set,licence,split,near_duplicate_of,notes,seconds,quarters,tracks,"
      "programs,instruments,key,tempo,meter,notes_per_second,polyphony,lowest,highest\n";
  for (std::size_t i = 0; i < corpus.pieces.size(); ++i) {
    const CorpusPiece& p = corpus.pieces[i];
    const PieceFacts& f = p.facts;
    out += fmt::format(
        "{},accepted,,{},{},{},{},{},{:.3f},{:.3f},{},{},{},{},{:.2f},{}/{},{:.3f},"
        "{:.3f},{},{}\n",
        csvField(p.file), csvField(p.set), csvField(p.licence), splitName(p.split),
        p.group == i ? "" : csvField(corpus.pieces[p.group].file), f.notes, f.seconds, f.quarters,
        f.tracks, fmt::join(f.programs, " "), csvField(instrumentNames(f)), scaleName(f.key), f.bpm,
        f.meterNumerator, f.meterDenominator, f.density, f.polyphony, f.lowest, f.highest);
  }
  for (const RejectedFile& r : corpus.rejected) {
    out += fmt::format("{},rejected,{},,,,,,,,,,,,,,,,,\n", csvField(r.file), csvField(r.reason));
  }
  return out;
}

}  // namespace incipit
