// The functions that stand in for the libraries' own: each springs the trap and passes the call on.
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>

#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <typeinfo>

#include "realtime/trap.h"

using sideman::trap::Kind;
using sideman::trap::spring;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, size_t),
                                                         void (*)(const volatile void*));

namespace {

const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, size_t) { spring(Kind::allocation); },
    [](const volatile void*) { spring(Kind::allocation); });

}  // namespace

#else

namespace {

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

// The C library's own names, because dlsym itself allocates.
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);

void* malloc(size_t size) {
  spring(Kind::allocation);
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  spring(Kind::allocation);
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  spring(Kind::allocation);
  return __libc_realloc(memory, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  spring(Kind::allocation);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
  spring(Kind::allocation);
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? 12 : 0;  // ENOMEM
}
void free(void* memory) {
  if (memory != nullptr) spring(Kind::allocation);
  __libc_free(memory);
}

#define SIDEMAN_LOCK(name, type)                   \
  int name(type* object) {                         \
    spring(Kind::lock);                            \
    static auto* const real = next<int(type*)>(#name); \
    return real(object);                           \
  }
SIDEMAN_LOCK(pthread_mutex_lock, pthread_mutex_t)
SIDEMAN_LOCK(pthread_mutex_trylock, pthread_mutex_t)
SIDEMAN_LOCK(pthread_spin_lock, pthread_spinlock_t)
SIDEMAN_LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
SIDEMAN_LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
SIDEMAN_LOCK(pthread_cond_signal, pthread_cond_t)
SIDEMAN_LOCK(pthread_cond_broadcast, pthread_cond_t)
SIDEMAN_LOCK(sem_post, sem_t)
SIDEMAN_LOCK(sem_wait, sem_t)
#undef SIDEMAN_LOCK

void* __cxa_allocate_exception(size_t size) noexcept {
  spring(Kind::exception);
  static auto* const real = next<void*(size_t)>("__cxa_allocate_exception");
  return real(size);
}

}  // extern "C"

#endif
