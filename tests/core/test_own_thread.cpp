#include <doctest/doctest.h>

#include <atomic>
#include <memory>

#include "backends/echo/echo_backend.h"
#include "core/own_thread.h"
#include "support/rig.h"

using namespace sideman;
using namespace sideman::test;

#ifdef __linux__

namespace {

// A policy that everybody may take, in place of the real-time one that Pd's main thread has.
struct AnotherPolicy {
  const bool taken = take(SCHED_BATCH);
  ~AnotherPolicy() { take(SCHED_OTHER); }
  static bool take(int policy) {
    const sched_param none{};
    return pthread_setschedparam(pthread_self(), policy, &none) == 0;
  }
};

class Watched : public EchoBackend {
 public:
  explicit Watched(std::shared_ptr<std::atomic<int>> policy) : EchoBackend(0.0), policy_(policy) {}
  Status open(const OpenRequest& request, ModelInfo& info) override {
    *policy_ = sched_getscheduler(0);
    return EchoBackend::open(request, info);
  }

 private:
  std::shared_ptr<std::atomic<int>> policy_;
};

}  // namespace

TEST_CASE("a thread of ours does not have the priority of the one that starts it") {
  const AnotherPolicy policy;
  if (!policy.taken) {
    MESSAGE("this machine lets nobody take another policy");
    return;
  }
  int inherited = -1, own = -1, below = -1;
  std::thread([&] { inherited = sched_getscheduler(0); }).join();
  own_thread([&] {
    own = sched_getscheduler(0);
    std::thread([&] { below = sched_getscheduler(0); }).join();
  }).join();
  CHECK(inherited == SCHED_BATCH);
  CHECK(own == SCHED_OTHER);
  CHECK(below == SCHED_OTHER);
}

TEST_CASE("a thread of ours has room for a deep Python") {
  size_t bytes = 0;
  own_thread([&] {
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &bytes);
    pthread_attr_destroy(&attributes);
  }).join();
  CHECK(bytes >= own_stack_bytes);
}

TEST_CASE("what a model computes does not compute at the priority of the audio") {
  const AnotherPolicy policy;
  if (!policy.taken) {
    MESSAGE("this machine lets nobody take another policy");
    return;
  }
  const auto seen = std::make_shared<std::atomic<int>>(-1);
  Rig rig(fixed_lead(1, 1), [seen](const Settings&, ConsoleLine) {
    return std::make_shared<Watched>(seen);
  }, 44100.0, 2048);
  REQUIRE(rig.opened);
  CHECK(*seen == SCHED_OTHER);
}

#endif
