#include "core/playback/audio/inline_openmp.h"

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>

namespace {

thread_local bool runInline = false;

// The next definition in the symbol order: libgomp's. Looked up once, before the audio thread needs
// it (see the constructor of Originals).
template <typename F>
F* original(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

using Body = void(void*);
using Copy = void(void*, void*);

struct Originals {
  void (*parallel)(Body*, void*, unsigned,
                   unsigned) = original<void(Body*, void*, unsigned, unsigned)>("GOMP_parallel");
  bool (*singleStart)() = original<bool()>("GOMP_single_start");
  void (*barrier)() = original<void()>("GOMP_barrier");
  void (*criticalStart)() = original<void()>("GOMP_critical_start");
  void (*criticalEnd)() = original<void()>("GOMP_critical_end");
  void (*task)(Body*, void*, Copy*, long, long, bool, unsigned, void**, int, void*) =
      original<void(Body*, void*, Copy*, long, long, bool, unsigned, void**, int, void*)>(
          "GOMP_task");
};

const Originals& originals() {
  static const Originals found;
  return found;
}

}  // namespace

// The calling conventions of libgomp's ABI (GOMP_1.0, 2.0 and 4.0; the last argument of GOMP_task
// is of 5.0 and absent in older callers, who never have it read).
extern "C" {

__attribute__((visibility("default"))) void GOMP_parallel(Body* body, void* data, unsigned threads,
                                                          unsigned flags) {
  if (runInline) {
    body(data);
  } else {
    originals().parallel(body, data, threads, flags);
  }
}

__attribute__((visibility("default"))) bool GOMP_single_start() {
  return runInline || originals().singleStart();
}

__attribute__((visibility("default"))) void GOMP_barrier() {
  if (!runInline) originals().barrier();
}

__attribute__((visibility("default"))) void GOMP_critical_start() {
  if (!runInline) originals().criticalStart();
}

__attribute__((visibility("default"))) void GOMP_critical_end() {
  if (!runInline) originals().criticalEnd();
}

__attribute__((visibility("default"))) void GOMP_task(Body* body, void* data, Copy* copy, long size,
                                                      long alignment, bool condition,
                                                      unsigned flags, void** depend, int priority,
                                                      void* detach) {
  if (!runInline) {
    originals().task(body, data, copy, size, alignment, condition, flags, depend, priority, detach);
    return;
  }
  if (copy == nullptr) {
    body(data);
    return;
  }
  // The task's own copy of its variables, as libgomp makes it for a task that is not deferred.
  auto* room =
      static_cast<std::byte*>(__builtin_alloca(static_cast<std::size_t>(size + alignment)));
  const auto address = reinterpret_cast<std::uintptr_t>(room);
  const auto mask = static_cast<std::uintptr_t>(alignment) - 1;
  room += ((address + mask) & ~mask) - address;
  copy(room, data);
  body(room);
}

}  // extern "C"

namespace incipit {

InlineOpenMp::InlineOpenMp() noexcept : outer_(runInline) { runInline = true; }

InlineOpenMp::~InlineOpenMp() { runInline = outer_; }

}  // namespace incipit
