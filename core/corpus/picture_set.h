// The pictures of a corpus, built once into a file and read from it one by one, so that there may
// be more than fit in memory: what is kept of a picture is 16 bytes.
//
// The file is a cache: its name is a hash of the kind and of the pieces, so that another corpus has
// another file; a file that is damaged is built again. It holds the cells that are not silent as
// runs, then an index.
//
// Thread safety: open() may be called from any thread, also for one set at a time from two; a
// PictureSet may be read by several.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/corpus/corpus.h"
#include "core/encoding/picture.h"
#include "core/result.h"
#include "core/rng.h"

namespace incipit {

struct PictureSetOptions {
  PictureKind kind = PictureKind::kTicks;
  std::filesystem::path folder;  // where the file is kept; empty: pictures/ in cacheFolder()
};

class PictureSet {
 public:
  struct Entry {
    std::uint64_t offset = 0;  // in the file
    std::uint32_t piece = 0;   // index into pieces()
    std::uint32_t place = 0;   // which picture of the piece it is, counted from 0
  };

  // `corpus` needs no sequences. Silent pictures are left out. A stop while the file is built gives
  // an empty set. Fails where the cache cannot be written or the corpus has no picture.
  static Result<PictureSet> open(const Corpus& corpus, const PictureSetOptions& options,
                                 const std::function<void(double)>& progress,
                                 const std::stop_token& stop);
  // A file that is known to be whole, with the pieces that it was made of. One line for what is
  // none.
  static Result<PictureSet> read(const std::filesystem::path& file, PictureKind kind,
                                 std::vector<CorpusPiece> pieces);

  PictureSet() = default;  // empty
  PictureSet(PictureSet&& other) noexcept;
  PictureSet& operator=(PictureSet&& other) noexcept;
  ~PictureSet();

  PictureKind kind() const { return kind_; }
  const std::filesystem::path& file() const { return file_; }
  const std::vector<CorpusPiece>& pieces() const { return pieces_; }
  const std::vector<Entry>& entries() const { return entries_; }
  // The entries of a split, in order.
  std::vector<std::uint32_t> of(Split split) const;
  // "nottingham/abc.mid, picture 3".
  std::string name(std::uint32_t entry) const;
  // Fails where the file was damaged since.
  Result<Picture> picture(std::uint32_t entry) const;

 private:
  PictureKind kind_ = PictureKind::kTicks;
  std::filesystem::path file_;
  int descriptor_ = -1;
  std::vector<CorpusPiece> pieces_;
  std::vector<Entry> entries_;
  std::uint64_t end_ = 0;  // of the last picture
};

// A picture's runs, and back. One line for bytes that are none.
std::vector<std::uint8_t> packPicture(const Picture& picture);
Result<Picture> unpackPicture(std::span<const std::uint8_t> bytes, PictureKind kind);

// A variation that is as good to learn from: moved by -5..6 semitones, as far as every note stays
// within the picture, and, to a share of the notes, the noise of core/corpus/augment.h added to the
// pitch.
struct PictureAugmentation {
  bool transpose = true;
  double noisyNotes = 0;  // 0..1
};
Picture augmented(const Picture& picture, const PictureAugmentation& augmentation, Rng& rng);

}  // namespace incipit
