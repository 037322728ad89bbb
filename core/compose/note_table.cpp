#include "core/compose/note_table.h"

#include "core/score/document.h"

namespace incipit {

Table noteTable(const std::vector<Note>& notes, const std::vector<float>& probabilities, Tick from,
                const TempoMap& tempo) {
  constexpr int kSecondDigits = 3;
  constexpr int kProbabilityDigits = 3;
  Table t;
  t.columns = {{"key", false}, {"pitch", true},    {"start", true},      {"end", true},
               {"step", true}, {"duration", true}, {"probability", true}};
  double before = tempo.seconds(from);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Note& n = notes[i];
    const double start = tempo.seconds(n.start);
    const double end = tempo.seconds(n.end());
    t.rows.push_back({textCell(pitchName(n.pitch)), numberCell(n.pitch, 0),
                      numberCell(start, kSecondDigits), numberCell(end, kSecondDigits),
                      numberCell(start - before, kSecondDigits),
                      numberCell(end - start, kSecondDigits),
                      i < probabilities.size() ? numberCell(probabilities[i], kProbabilityDigits)
                                               : TableCell()});
    before = start;
  }
  return t;
}

}  // namespace incipit
