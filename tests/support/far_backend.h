#pragma once
// A pipelined backend for tests: it answers each hop with a constant after a time, in any order that
// the times give, or fails, or is away. Any thread.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/backend.h"

namespace sideman::test {

class FarBackend : public Backend, public Pipelined {
 public:
  explicit FarBackend(float plays) : level(plays) {}

  const float level;
  std::atomic<bool> away{false};    // refuses hops, as a server that is known to be gone
  std::atomic<bool> silent{false};  // takes hops and never answers them
  std::atomic<bool> fails{false};   // answers with an error
  std::atomic<bool> too_late{false};  // answers that there was not enough time
  std::atomic<int> takes_ms{0};
  std::atomic<int> odd_takes_ms{0};  // the same for odd hops, where above 0
  std::atomic<int> asked{0};
  std::atomic<int> most_under_way{0};
  Status opens;
  std::function<void()> while_it_opens = [] {};

  Status open(const OpenRequest&, ModelInfo& info) override {
    info.name = "far";
    info.backend = "remote";
    info.hop_frames = {2, 4};
    while_it_opens();
    return opens;
  }
  Status reset(const StreamPlan&) override {
    waiting_.clear();
    return {};
  }
  Status generate(const HopRequest& request, HopResult& result) override {
    if (Status status = ask(request); !status.ok()) return status;
    while (true) {
      if (const auto answer = take(result)) return answer->status;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void close() override {}
  void cancel() noexcept override {}
  Pipelined* pipelined() override { return this; }

  Status ask(const HopRequest& request) override {
    ++asked;
    if (away) return Status::unavailable("remote: gone; start it");
    const bool odd = odd_takes_ms > 0 && request.hop_id % 2 != 0;
    const auto takes = std::chrono::milliseconds(odd ? odd_takes_ms : takes_ms);
    waiting_.push_back({request.hop_id, std::chrono::steady_clock::now() + takes});
    most_under_way = std::max(most_under_way.load(), static_cast<int>(waiting_.size()));
    return {};
  }
  std::optional<Answer> take(HopResult& result) override {
    const auto now = std::chrono::steady_clock::now();
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one) {
      if (silent || now < one->at) continue;
      const int64_t hop = one->hop;
      waiting_.erase(one);
      std::ranges::fill(result.audio, level);
      result.continuous = true;
      result.heard = {};
      const Status status = fails      ? Status::failed("remote: out of memory; smaller model")
                            : too_late ? Status::late("remote: too late; set a longer lead")
                                       : Status{};
      return Answer{.hop_id = hop, .status = status, .backend = {}};
    }
    return std::nullopt;
  }

 private:
  struct Waiting {
    int64_t hop;
    std::chrono::steady_clock::time_point at;
  };
  std::vector<Waiting> waiting_;  // the worker's thread only
};

}  // namespace sideman::test
