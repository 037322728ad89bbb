// Counts the heap's use by one thread: included by one source file of a test, it replaces the C and
// C++ allocation functions of that program, FluidSynth's and OpenMP's calls among them.
#pragma once

#include <malloc.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace incipit::fixtures {
inline thread_local bool countingHeap = false;
inline thread_local long heapCalls = 0;

inline void heapUsed() {
  if (countingHeap) ++heapCalls;
}

// While it lives, this thread's allocations and frees are counted.
class HeapCount {
 public:
  HeapCount() {
    heapCalls = 0;
    countingHeap = true;
  }
  ~HeapCount() { countingHeap = false; }
  HeapCount(const HeapCount&) = delete;
  HeapCount& operator=(const HeapCount&) = delete;
  long calls() const { return heapCalls; }
};
}  // namespace incipit::fixtures

// Sanitizers have their own; there the count stays 0 and the tests that need it skip.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INCIPIT_HEAP_COUNTED 0
#else
#define INCIPIT_HEAP_COUNTED 1
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) {
  incipit::fixtures::heapUsed();
  return __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) {
  incipit::fixtures::heapUsed();
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t size) {
  incipit::fixtures::heapUsed();
  return __libc_realloc(p, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  incipit::fixtures::heapUsed();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  incipit::fixtures::heapUsed();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t size) {
  incipit::fixtures::heapUsed();
  *p = __libc_memalign(alignment, size);
  return *p == nullptr ? ENOMEM : 0;
}
void free(void* p) {
  if (p != nullptr) incipit::fixtures::heapUsed();
  __libc_free(p);
}
}
#endif
