#include "backends/understudy/understudy.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/guarded.h"
#include "core/own_thread.h"

namespace sideman {
namespace {

constexpr size_t most_waiting = 2;  // hops; one that is further behind is of no use

constexpr const char* stand_in = "the stand-in";  // in sentences of what it raised

// Why a model cannot play a stream; empty when it can.
std::string misfit(const ModelInfo& model, const StreamPlan& plan) {
  const Grid& grid = plan.grid;
  if (model.sample_rate != grid.sample_rate || model.frame_samples != grid.frame_samples) {
    return "its frames are other ones";
  }
  if (std::ranges::find(model.hop_frames, grid.hop_frames) == model.hop_frames.end()) {
    return "it cannot play hops of " + std::to_string(grid.hop_frames) + " frames";
  }
  if (grid.lead_frames < model.lead_minimum || grid.lead_frames > model.lead_maximum) {
    return "it cannot play with a lead of " + std::to_string(grid.lead_frames) + " frames";
  }
  for (const std::string& part : plan.parts) {
    if (model.parts.empty()) break;
    if (std::ranges::find(model.parts, part) == model.parts.end()) return "it has no part " + part;
  }
  return {};
}

}  // namespace

struct Understudy::Inner {
  // A hop with the memory that its spans point to.
  struct Wanted {
    HopRequest request;
    std::vector<float> window;
    int32_t parts = 1;
  };
  struct Done {
    Answer answer;
    std::vector<float> audio;
    bool continuous = true;
    HeardClock heard;
  };

  explicit Inner(std::shared_ptr<Backend> its_backend) : backend(std::move(its_backend)) {}

  // ---- its thread ----
  void run() {
    std::unique_lock lock(mutex);
    while (!closing) {
      if (to_open) {
        open(lock);
      } else if (readiness == Readiness::ready && to_reset) {
        reset(lock);
      } else if (readiness == Readiness::ready && !wanted.empty()) {
        play(lock);
      } else {
        changed.wait(lock);
      }
    }
    lock.unlock();
    (void)guarded(stand_in, [this] {
      backend->close();
      return Status{};
    });
  }

  void open(std::unique_lock<std::mutex>& lock) {
    const OpenRequest request = *to_open;
    to_open.reset();
    lock.unlock();
    ModelInfo found;
    Status status = guarded(stand_in, [&] { return backend->open(request, found); });
    lock.lock();
    info = found;
    readiness = status.ok() ? Readiness::ready : Readiness::failed;
    why = status;
    changed.notify_all();
  }

  void reset(std::unique_lock<std::mutex>& lock) {
    const StreamPlan asked = *to_reset;
    to_reset.reset();
    Status status;
    if (const std::string found = misfit(info, asked); !found.empty()) {
      status = Status::unavailable("the stand-in " + info.name + " cannot play: " + found);
    } else {
      lock.unlock();
      status = guarded(stand_in, [&] { return backend->reset(asked); });
      lock.lock();
      if (!status.ok()) again = asked;
    }
    why = status;
    changed.notify_all();
  }

  void play(std::unique_lock<std::mutex>& lock) {
    Wanted hop = std::move(wanted.front());
    wanted.pop_front();
    const int64_t stream = streams;
    Done done{.answer = {.hop_id = hop.request.hop_id, .status = why, .backend = {}},
              .audio = std::vector<float>(static_cast<size_t>(hop.parts) *
                                          static_cast<size_t>(hop.request.grid.hop_samples())),
              .continuous = true,
              .heard = {}};
    if (why.ok()) {
      lock.unlock();
      hop.request.window = hop.window;
      HopResult result{.audio = done.audio, .parts = hop.parts};
      done.answer.status = guarded(stand_in, [&] { return backend->generate(hop.request, result); });
      done.continuous = result.continuous;
      done.heard = result.heard;
      lock.lock();
    }
    if (stream != streams) return;
    answers.push_back(std::move(done));
    changed.notify_all();
  }

  const std::shared_ptr<Backend> backend;
  std::mutex mutex;  // of everything below
  std::condition_variable changed;
  std::optional<OpenRequest> to_open;
  std::optional<StreamPlan> to_reset;
  std::optional<StreamPlan> again;  // a reset that failed: the next hop tries it once more
  std::deque<Wanted> wanted;
  std::deque<Done> answers;
  Readiness readiness = Readiness::opening;
  Status why;
  ModelInfo info;
  int32_t parts = 1;
  int64_t streams = 0;
  bool cancelled = false;
  bool closing = false;
};

Understudy::Understudy(std::shared_ptr<Backend> backend)
    : inner_(std::make_shared<Inner>(std::move(backend))) {
  own_thread([inner = inner_] { inner->run(); }).detach();
}

Understudy::~Understudy() { close(); }

void Understudy::open(const OpenRequest& request) {
  const std::lock_guard lock(inner_->mutex);
  inner_->to_open = request;
  inner_->readiness = Readiness::opening;
  inner_->why = {};
  inner_->changed.notify_all();
}

Status Understudy::opened(ModelInfo& info) {
  Inner& inner = *inner_;
  std::unique_lock lock(inner.mutex);
  inner.changed.wait(
      lock, [&] { return inner.readiness != Readiness::opening || inner.cancelled; });
  if (inner.cancelled) return Status::cancelled();
  info = inner.info;
  return inner.why;
}

void Understudy::reset(const StreamPlan& plan) {
  const std::lock_guard lock(inner_->mutex);
  inner_->to_reset = plan;
  inner_->again.reset();
  inner_->parts = static_cast<int32_t>(plan.parts.size());
  inner_->wanted.clear();
  inner_->answers.clear();
  ++inner_->streams;
  inner_->changed.notify_all();
}

bool Understudy::ask(const HopRequest& request) {
  Inner& inner = *inner_;
  const std::lock_guard lock(inner.mutex);
  if (inner.again && !inner.to_reset) inner.to_reset = std::exchange(inner.again, std::nullopt);
  const bool able = inner.readiness == Readiness::ready && (inner.to_reset || inner.why.ok());
  if (!able || inner.wanted.size() >= most_waiting) return false;
  inner.wanted.push_back({.request = request,
                          .window = {request.window.begin(), request.window.end()},
                          .parts = inner.parts});
  inner.changed.notify_all();
  return true;
}

std::optional<Answer> Understudy::take(HopResult& result) {
  const std::lock_guard lock(inner_->mutex);
  if (inner_->answers.empty()) return std::nullopt;
  const Inner::Done done = std::move(inner_->answers.front());
  inner_->answers.pop_front();
  if (done.audio.size() == result.audio.size()) {
    std::ranges::copy(done.audio, result.audio.begin());
  }
  result.continuous = done.continuous;
  result.heard = done.heard;
  return done.answer;
}

Status Understudy::generate(const HopRequest& request, HopResult& result) {
  Inner& inner = *inner_;
  {
    std::unique_lock lock(inner.mutex);
    inner.changed.wait(
        lock, [&] { return inner.readiness != Readiness::opening || inner.cancelled; });
    if (inner.cancelled) return Status::cancelled();
  }
  if (!ask(request)) return Status::failed(reason());
  {
    std::unique_lock lock(inner.mutex);
    inner.changed.wait(lock, [&] { return !inner.answers.empty() || inner.cancelled; });
    if (inner.cancelled) return Status::cancelled();
  }
  const auto answer = take(result);
  return answer ? answer->status : Status::cancelled();
}

Understudy::Readiness Understudy::readiness() const {
  const std::lock_guard lock(inner_->mutex);
  return inner_->readiness;
}

std::string Understudy::reason() const {
  const std::lock_guard lock(inner_->mutex);
  if (!inner_->why.ok()) return inner_->why.sentence;
  return inner_->readiness == Readiness::opening ? "the stand-in is still opening" : "";
}

void Understudy::close() {
  {
    const std::lock_guard lock(inner_->mutex);
    inner_->closing = true;
    inner_->changed.notify_all();
  }
  inner_->backend->cancel();
}

void Understudy::cancel() noexcept {
  {
    const std::lock_guard lock(inner_->mutex);
    inner_->cancelled = true;
    inner_->changed.notify_all();
  }
  inner_->backend->cancel();
}

}  // namespace sideman
