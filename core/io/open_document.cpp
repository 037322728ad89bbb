#include "core/io/open_document.h"

#include <algorithm>
#include <string_view>

#include "core/io/atomic_file.h"
#include "core/io/midi_file.h"
#include "core/io/project_file.h"

namespace incipit {
namespace {

std::string warning(const std::filesystem::path& file, std::size_t byte, const std::string& what) {
  return file.string() + ": byte " + std::to_string(byte) + ": " + what;
}

bool looksLikeProject(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '{';
}

bool looksLikeText(std::string_view text) {
  constexpr std::size_t kSample = 4096;
  text = text.substr(0, kSample);
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f';
  });
}

// An empty track, so that there is something to draw on.
void ensureTrack(Document& d) {
  if (!d.tracks.empty()) return;
  Track t = *newDocument().tracks.front();
  t.id = d.nextTrackId++;
  d.tracks.push_back(std::make_shared<const Track>(std::move(t)));
}

}  // namespace

Result<Opened> openDocument(const std::filesystem::path& file) {
  const Result<std::vector<std::uint8_t>> bytes = readFile(file);
  if (!bytes) return tl::unexpected(bytes.error());
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const auto failed = [&file](const std::string& why) { return fail(file.string() + ": " + why); };
  Opened out;
  if (text.empty()) return failed("the file is empty; choose a MIDI file or an Incipit project");
  if (looksLikeProject(text)) {
    constexpr std::size_t kMark = 3;
    const std::size_t skipped = text.front() == '\xEF' ? kMark : 0;
    Result<ProjectImport> project = readProject(text.substr(skipped));
    if (!project) return failed(project.error().message);
    out.isProject = true;
    out.document = std::move(project->document);
    for (const ProjectFault& f : project->faults) {
      out.warnings.push_back(warning(file, f.byte + skipped, f.what));
    }
  } else {
    Result<MidiImport> midi = readMidi(*bytes);
    if (!midi && looksLikeText(text)) {
      return failed("it is text, neither a MIDI file nor an Incipit project; choose another file");
    }
    if (!midi) return failed(midi.error().message + "; choose a MIDI file or an Incipit project");
    out.document = std::move(midi->document);
    for (const MidiFault& f : midi->faults) out.warnings.push_back(warning(file, f.byte, f.what));
  }
  ensureTrack(out.document);
  return out;
}

}  // namespace incipit
