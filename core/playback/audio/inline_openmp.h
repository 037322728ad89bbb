// Runs OpenMP regions of one thread as plain code, on threads that ask for it.
//
// GNU OpenMP allocates a team at every parallel region, even of one thread. The definitions in
// inline_openmp.cpp of the five libgomp functions that FluidSynth calls come before the library's
// own in the program's symbol order. On a thread inside an InlineOpenMp they simply run the region;
// on any other they pass the call on to libgomp, so that LibTorch and others keep their threads.
//
// Thread safety: the state is the thread's own.
#pragma once

namespace incipit {

class InlineOpenMp {
 public:
  InlineOpenMp() noexcept;
  ~InlineOpenMp();
  InlineOpenMp(const InlineOpenMp&) = delete;
  InlineOpenMp& operator=(const InlineOpenMp&) = delete;

 private:
  bool outer_;
};

}  // namespace incipit
