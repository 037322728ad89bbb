// What a run of a picture family leaves to look at: after each epoch a sheet of pictures as PNG, in
// the folder NAME.pictures beside the checkpoint NAME.safetensors: what the network draws from the
// same latent numbers each time, or, of an autoencoder, pairs of a held-out picture and what is
// read back from its latent numbers.
//
// Thread safety: free functions without shared state.
#pragma once

#include <filesystem>
#include <vector>

namespace incipit {

// Of a run's checkpoint NAME.safetensors.
std::filesystem::path runPicturesFolder(const std::filesystem::path& out);
// "0012.png"; epochs count from 1.
std::filesystem::path runPictureFile(const std::filesystem::path& out, int epoch);

struct RunPicture {
  int epoch = 0;
  std::filesystem::path file;
};
// In order of epoch; none where there is no folder.
std::vector<RunPicture> runPictures(const std::filesystem::path& out);

}  // namespace incipit
