#pragma once
// A backend that answers in the call, with a constant. For tests of what stands beside others.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "core/backend.h"

namespace sideman::test {

class NearBackend : public Backend {
 public:
  explicit NearBackend(float plays) : level(plays) {}

  const float level;
  std::atomic<int> resets{0};
  std::atomic<int> begun{0};
  std::atomic<int> bad_resets{0};  // so many fail
  std::atomic<int> played{0};
  std::atomic<bool> opened{false};
  std::atomic<bool> closed{false};
  std::atomic<bool> hangs{false};  // in what it does, until this is false again
  Status opens;
  ModelInfo model{.name = "near", .backend = "embedded", .hop_frames = {2, 4}, .parts = {}, .tags = {}};

  Status open(const OpenRequest&, ModelInfo& info) override {
    wait_out();
    info = model;
    opened = true;
    return opens;
  }
  Status reset(const StreamPlan&) override {
    ++resets;
    if (bad_resets > 0 && bad_resets-- > 0) return Status::failed("near: out of memory");
    return {};
  }
  Status generate(const HopRequest&, HopResult& result) override {
    ++begun;
    wait_out();
    ++played;
    std::ranges::fill(result.audio, level);
    return {};
  }
  void close() override { closed = true; }
  void cancel() noexcept override { hangs = false; }

 private:
  void wait_out() const {
    while (hangs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

}  // namespace sideman::test
