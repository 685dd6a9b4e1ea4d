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
  std::atomic<int> opens_in_ms{0};
  std::atomic<int> takes_ms{0};
  std::atomic<int> resets{0};
  std::atomic<int> played{0};
  std::atomic<bool> opened{false};
  std::atomic<bool> closed{false};
  std::atomic<bool> hangs{false};
  Status opens;
  ModelInfo model{.name = "near", .backend = "embedded", .hop_frames = {2, 4}, .parts = {}, .tags = {}};

  Status open(const OpenRequest&, ModelInfo& info) override {
    while (hangs) sleep(1);
    sleep(opens_in_ms);
    info = model;
    opened = true;
    return opens;
  }
  Status reset(const StreamPlan&) override {
    ++resets;
    return {};
  }
  Status generate(const HopRequest&, HopResult& result) override {
    while (hangs) sleep(1);
    sleep(takes_ms);
    ++played;
    std::ranges::fill(result.audio, level);
    return {};
  }
  void close() override { closed = true; }
  void cancel() noexcept override { hangs = false; }

 private:
  static void sleep(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }
};

}  // namespace sideman::test
