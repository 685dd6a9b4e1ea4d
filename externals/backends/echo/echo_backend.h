#pragma once
// EchoBackend plays back what it heard, the same on every part, after a chosen time of "thinking":
// for tests, for measuring latency, and for a first patch without any model. Called by one worker
// thread; `cancel` by any.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/backend.h"

namespace sideman {

class EchoBackend : public Backend {
 public:
  explicit EchoBackend(double thinking_ms) : thinking_ms_(thinking_ms) {}

  Status open(const OpenRequest& request, ModelInfo& info) override;
  Status reset(const StreamPlan& plan) override;
  Status generate(const HopRequest& request, HopResult& result) override;
  void close() override {}
  void cancel() noexcept override;

 private:
  const double thinking_ms_;
  std::mutex mutex_;
  std::condition_variable cancelled_;
  bool cancel_ = false;
  int64_t next_hop_ = 0;
};

std::shared_ptr<Backend> make_echo_backend(double thinking_ms);

}  // namespace sideman
