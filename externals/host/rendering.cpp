#include "host/rendering.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>


namespace sideman {

namespace {

constexpr int vector_samples = 512;
constexpr double patience_ms = 2.0;  // between two looks at whether it was given up
constexpr double hop_patience_s = 60.0;

// A backend that is asked for one hop at a time, by `generate`, which waits for it: where hops are
// under way together, as to a server, they have the deadlines of live playing.
class Unhurried final : public Backend {
 public:
  explicit Unhurried(std::shared_ptr<Backend> backend) : backend_(std::move(backend)) {}
  Status open(const OpenRequest& request, ModelInfo& info) override {
    OpenRequest alone = request;
    alone.to_the_end = true;
    return backend_->open(alone, info);
  }
  Status reset(const StreamPlan& plan) override { return backend_->reset(plan); }
  Status generate(const HopRequest& request, HopResult& result) override {
    return backend_->generate(request, result);
  }
  void close() override { backend_->close(); }
  void cancel() noexcept override { backend_->cancel(); }

 private:
  std::shared_ptr<Backend> backend_;
};

// What the engine last said on its console, for a refusal in its own words.
Status last_words(Engine& engine) {
  std::string words = "the model cannot be opened: send doctor";
  while (const std::optional<Event> event = engine.poll()) {
    if (event->kind == Event::Kind::error && !event->text.empty()) words = event->text;
  }
  return Status::failed(words);
}

}  // namespace

Rendering::Rendering(RenderOrder order)
    : order_(std::move(order)),
      parts_(order_.settings.parts.size(), std::vector<float>(order_.music.size())),
      thread_(own_thread([this] { run(); })) {}

Rendering::~Rendering() {
  given_up_.store(true, std::memory_order_relaxed);
  thread_.join();
}

void Rendering::run() {
  try {
    // A worker that hangs may outlive this: it keeps what it uses.
    Engine engine(order_.settings, [factory = order_.factory](const Settings& settings,
                                                              ConsoleLine console) {
      auto backend = factory(settings, std::move(console));
      return backend ? std::make_shared<Unhurried>(std::move(backend)) : nullptr;
    });
    status_ = open(engine);
    if (status_.ok()) status_ = play(engine);
  } catch (const std::exception& trouble) {
    status_ = Status::failed(std::string("cannot render: ") + trouble.what());
  }
  done_.store(true, std::memory_order_release);
}

Status Rendering::open(Engine& engine) {
  if (Status status = engine.prepare(order_.rate, vector_samples); !status.ok()) return status;
  engine.load();
  while (!engine.wait_loaded(patience_ms)) {
    if (given_up_.load(std::memory_order_relaxed)) return Status::failed("given up");
  }
  if (engine.info().state == State::error) return last_words(engine);
  if (order_.bpm <= 0.0) return {};
  if (Status status = engine.meter(order_.beats_per_bar); !status.ok()) return status;
  return engine.tempo(order_.bpm);
}

Status Rendering::play(Engine& engine) {
  // No audio ran yet, so the stream begins with the first sample.
  if (order_.bpm > 0.0) {
    if (Status status = engine.beat(1); !status.ok()) return status;
  }
  const float* in[heard_channels] = {};
  std::vector<float*> out(parts_.size());
  const auto samples = static_cast<int64_t>(order_.music.size());
  for (int64_t begin = 0; begin < samples; begin += vector_samples) {
    if (given_up_.load(std::memory_order_relaxed)) return Status::failed("given up");
    const auto count = static_cast<int>(std::min<int64_t>(vector_samples, samples - begin));
    in[0] = order_.music.data() + begin;
    for (size_t part = 0; part < parts_.size(); ++part) out[part] = parts_[part].data() + begin;
    engine.process(in, out.data(), static_cast<int>(out.size()), count);
    for (double waited = 0.0; !engine.wait_idle(patience_ms); waited += patience_ms) {
      if (given_up_.load(std::memory_order_relaxed)) return Status::failed("given up");
      if (waited > 1000.0 * hop_patience_s) {
        return Status::failed("cannot render: the model has not answered for a minute; send doctor");
      }
    }
    progress_.store(double(begin + count) / double(samples), std::memory_order_relaxed);
  }
  if (engine.stats().failed > 0) return last_words(engine);
  return {};
}

}  // namespace sideman
