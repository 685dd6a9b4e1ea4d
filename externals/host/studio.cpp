#include "host/studio.h"

#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

namespace sideman {

namespace {

constexpr double most_floats = 268435456.0;  // 1 GiB of them
constexpr double least_seconds = 0.01;
constexpr int most_tries = 100;  // ticks: two seconds
constexpr int most_waits = 50;   // milliseconds

// The words of a message up to the first number.
Names names_of(std::span<const Atom> atoms) {
  Names names;
  for (const Atom& atom : atoms) {
    if (!std::holds_alternative<std::string>(atom)) break;
    names.push_back(std::get<std::string>(atom));
  }
  return names;
}

Status nothing_heard(const std::string& name) {
  return Status::invalid("record: no sound ran meanwhile, so " + name +
                         " stays as it is; turn the audio on");
}

Status no_store() {
  return Status::invalid("record and render need a host with named sounds: this one has none");
}

}  // namespace

std::vector<float> mixed_down(const Sound& sound) {
  if (sound.channels.empty()) return {};
  std::vector<float> mixed = sound.channels.front();
  for (size_t channel = 1; channel < sound.channels.size(); ++channel) {
    for (size_t i = 0; i < mixed.size(); ++i) mixed[i] += sound.channels[channel][i];
  }
  const float share = 1.0f / static_cast<float>(sound.channels.size());
  if (sound.channels.size() > 1) {
    for (float& sample : mixed) sample *= share;
  }
  return mixed;
}

Status Studio::record(std::span<const Atom> atoms, size_t parts, double rate) {
  if (!sounds_) return no_store();
  if (atoms.empty()) {
    if (!tape_) return Status::invalid("record: nothing runs; write `record name` to begin");
    end_tape();  // the next tick writes it
    return {};
  }
  // One that has just ended; the audio thread is gone from it within a vector.
  for (int i = 0; i < most_waits && !finish_tape(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (tape_) return Status::invalid("record: one runs already; send `record` to end it first");
  const Names names = names_of(atoms);
  const std::optional<double> seconds =
      names.size() < atoms.size() ? to_number(atoms[names.size()]) : std::optional(0.0);
  if (names.empty() || !seconds || names.size() + 1 < atoms.size() ||
      (names.size() < atoms.size() && !(*seconds >= least_seconds))) {
    return Status::invalid("record takes names and, last, seconds: write `record name 10`");
  }
  if (!(rate > 0.0)) return Status::invalid("record: no sound runs yet; turn the audio on");
  int64_t samples = 0;
  if (Status status = sounds_->length(names, parts + 1, samples); !status.ok()) return status;
  const double wanted = *seconds > 0.0 ? std::round(*seconds * rate) : double(samples);
  if (wanted < 1.0) {
    return Status::invalid("record: " + names.front() + " is empty; say how long, `record " +
                           names.front() + " 10`");
  }
  if (wanted * double(parts + 1) > most_floats) {
    return Status::invalid("record: that needs more than a gigabyte of memory; ask for less");
  }
  tape_ = std::make_unique<Tape>(parts, static_cast<int64_t>(wanted), rate);
  tape_names_ = names;
  running_.store(tape_.get(), std::memory_order_seq_cst);
  return {};
}

Status Studio::render(std::span<const Atom> atoms, RenderOrder order) {
  if (!sounds_) return no_store();
  if (atoms.empty()) {
    if (!rendering_) return Status::invalid("render: nothing runs; write `render from to` to begin");
    rendering_.reset();
    given_up_ = true;  // the next tick says so
    return {};
  }
  if (rendering_) return Status::invalid("render: one runs already; send `render` to give it up");
  const Names names = names_of(atoms);
  if (names.size() < 2 || names.size() < atoms.size()) {
    return Status::invalid("render takes two names or more: write `render from to`");
  }
  Sound music;
  if (Status status = sounds_->read(names.front(), music); !status.ok()) return status;
  const size_t parts = order.settings.parts.size();
  const Names to(names.begin() + 1, names.end());
  int64_t before = 0;
  if (Status status = sounds_->length(to, parts, before); !status.ok()) return status;
  order.music = mixed_down(music);
  order.rate = music.rate;
  if (order.music.empty()) return Status::invalid("render: " + names.front() + " is empty");
  if (double(order.music.size()) * double(parts + 1) > most_floats) {
    return Status::invalid("render: that needs more than a gigabyte of memory; cut it");
  }
  rendering_names_ = to;
  rendering_rate_ = order.rate;
  told_percent_ = -1;
  rendering_ = std::make_unique<Rendering>(std::move(order));
  return {};
}

Status Studio::tick(const std::function<void(const Message&)>& speak) {
  finish_tape();
  if (std::exchange(given_up_, false)) speak({"render", {std::string("failed")}});
  if (rendering_) {
    if (Status status = finish_rendering(speak); !status.ok()) return status;
  }
  return write(speak);
}

// False where it has ended and cannot be had yet: whoever enters the gate from now on sees no tape,
// who is inside may still write.
bool Studio::finish_tape() {
  if (tape_ && tape_->full()) end_tape();
  if (!tape_ || running_.load(std::memory_order_seq_cst)) return true;
  if (gate_.inside()) return false;
  const std::unique_ptr<Tape> tape = std::move(tape_);
  finished_.push_back({"record", tape_names_, tape->written() > 0 ? tape->take() : Sound{}});
  return true;
}

Status Studio::finish_rendering(const std::function<void(const Message&)>& speak) {
  if (!rendering_->done()) {
    const int percent = static_cast<int>(100.0 * rendering_->progress());
    if (percent != told_percent_) {
      told_percent_ = percent;
      speak({"render", {std::string("progress"), percent / 100.0}});
    }
    return {};
  }
  const std::unique_ptr<Rendering> rendering = std::move(rendering_);
  if (!rendering->status().ok()) {
    speak({"render", {std::string("failed")}});
    return rendering->status();
  }
  finished_.push_back({"render", rendering_names_, {rendering->take(), rendering_rate_}});
  return {};
}

Status Studio::write(const std::function<void(const Message&)>& speak) {
  if (finished_.empty()) return {};
  Finished& next = finished_.front();
  const bool empty = next.sound.channels.empty();
  Status status = empty ? nothing_heard(next.names.front()) : sounds_->write(next.names, next.sound);
  if (status.code == StatusCode::unavailable && ++next.tries < most_tries) return {};
  const double seconds = empty ? 0.0 : double(next.sound.channels.front().size()) / next.sound.rate;
  const std::string word = status.ok() ? "done" : "failed";
  const Message message{next.selector, {word, next.names.front(), seconds}};
  finished_.erase(finished_.begin());
  speak(message);
  return status;
}

}  // namespace sideman
