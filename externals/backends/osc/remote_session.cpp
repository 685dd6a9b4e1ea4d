#include "backends/osc/remote_session.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "backends/osc/pairs.h"

namespace sideman::osc {
namespace {

constexpr int64_t most_seconds = 120;  // of a window, a hop, a lead

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

int32_t small(int64_t value, int64_t least, int64_t most) {
  return static_cast<int32_t>(std::clamp(value, least, most));
}

// What no model asks for, and memory would be made for.
bool absurd(const ModelInfo& model) {
  const auto seconds = [&](int64_t frames) { return frames * model.frame_samples / model.sample_rate; };
  const int32_t hop = *std::ranges::max_element(model.hop_frames);
  return model.lead_minimum > model.lead_maximum ||
         std::max({seconds(model.window_frames), seconds(hop), seconds(model.lead_maximum)}) >
             most_seconds;
}

}  // namespace

void RemoteSession::wish(const Wish& wish, double now) {
  wish_ = wish;
  ++serial_;
  first_ = next_first_;
  opened_.reset();
  refusal_.clear();
  arrived_.clear();
  held_.clear();
  if (first_wish_ < 0.0) first_wish_ = now;
  since_ = now;
  again_ = now;
  asked_ = 0;
  phase_ = channel_ ? Phase::opening : Phase::greeting;
  if (!channel_) greet(now);
}

void RemoteSession::greet(double now) {
  channel_.reset();
  refusal_.clear();
  ++beginnings_;
  greeting_.emplace(token_);
  phase_ = Phase::greeting;
  again_ = now;
}

void RemoteSession::receive(Bytes datagram, double now) {
  if (phase_ == Phase::greeting) return hear_answer(datagram, now);
  if (!channel_) return;
  const auto message = channel_->receive(datagram, now);
  heard_ = std::max(heard_, channel_->heard());
  if (message) hear(*message, now);
  if (!channel_) return;  // it said goodbye
  while (auto body = channel_->collect()) {
    if (body->hop >= first_) {
      arrived_.push_back({.hop = body->hop - first_, .body = std::move(body->bytes), .error = {}});
    }
  }
}

void RemoteSession::hear_answer(Bytes datagram, double now) {
  if (!greeting_) return;
  const Greeting::Answer answer = greeting_->hears(datagram);
  if (answer.session) {
    refusal_.clear();
    channel_.emplace(*answer.session, answer.keys);
    greeting_.reset();  // with its secret
    phase_ = Phase::opening;
    since_ = now;
    again_ = now;
    asked_ = 0;
  } else if (!answer.refusal.empty() && token_.empty()) {
    refuse(answer.refusal, now);
  } else if (!answer.refusal.empty() && refusal_.empty()) {
    refusal_ = answer.refusal;
    refused_at_ = now;
  }
}

double RemoteSession::tick(double now) {
  if (phase_ == Phase::refused) {
    if (now < again_) return again_ - now;
    wish(wish_, now);
  }
  if (phase_ == Phase::greeting) {
    if (!refusal_.empty() && now - refused_at_ >= doubt_seconds) {
      refuse(refusal_, now);
    } else if (greeting_ && now >= again_) {
      send_(greeting_->hello());
      again_ = now + hello_seconds;
    }
    return again_ - now;
  }
  if (now - std::max(channel_->heard(), since_) > lost_seconds) {
    opened_.reset();
    arrived_.clear();
    greet(now);
    return 0.0;
  }
  std::array<uint8_t, datagram_bytes> place;
  if (phase_ == Phase::opening && now >= again_) {
    send_(channel_->wrap(place, open_message()));
    const bool quick = asked_++ < quick_asks;
    again_ = now + (quick ? std::min(channel_->trip().patience(), open_seconds) : open_seconds);
  }
  while (true) {
    const Bytes datagram = channel_->next(place, now);
    if (datagram.empty()) break;
    send_(datagram);
  }
  const double due = channel_->next_due(now) - now;
  return phase_ == Phase::opening ? std::min(due, again_ - now) : due;
}

void RemoteSession::send(int64_t hop, int64_t position, std::vector<uint8_t> body, double now,
                         double deadline) {
  if (phase_ == Phase::opening) {
    if (held_.size() == most_held) held_.erase(held_.begin());
    held_.push_back({hop, position, std::move(body), deadline});
    return;
  }
  if (phase_ != Phase::playing) return;
  next_first_ = std::max(next_first_, first_ + hop + 1);
  channel_->send(first_ + hop, position, std::move(body), now, deadline);
}

void RemoteSession::goodbye() {
  if (!channel_) return;
  std::array<uint8_t, 64> message;
  std::array<uint8_t, datagram_bytes> place;
  send_(channel_->wrap(place, Writer(message, "/sideman/bye", "").done()));
}

std::optional<Arrived> RemoteSession::arrived() {
  if (arrived_.empty()) return std::nullopt;
  std::optional<Arrived> first(std::move(arrived_.front()));
  arrived_.erase(arrived_.begin());
  return first;
}

double RemoteSession::silence(double now) const {
  return now - (heard_ < 0.0 ? first_wish_ : heard_);
}

void RemoteSession::hear(Bytes message, double now) {
  const std::string_view address = address_of(message);
  if (address == "/sideman/opened") {
    take_opened(message, now);
  } else if (address == "/sideman/opening") {
    const auto told = Pairs::of(message, address);
    if (told && told->integer("serial") == serial_) asked_ = quick_asks;  // it takes its time now
  } else if (address == "/sideman/refused") {
    const auto told = Pairs::of(message, address);
    if (!told || told->integer("serial") != serial_) return;
    refuse(std::string(told->text("why")), now);
  } else if (address == "/sideman/error") {
    const auto told = Pairs::of(message, address);
    if (!told) return;
    const int64_t hop = told->integer("hop", -1);
    if (hop < 0 && phase_ == Phase::opening) {  // it could not read what we asked for
      refuse(std::string(told->text("why")), now);
    } else if (hop >= first_) {
      arrived_.push_back({.hop = hop - first_, .body = {}, .error = std::string(told->text("why"))});
    }
  } else if (address == "/sideman/bye") {
    opened_.reset();
    greet(now);
  }
}

void RemoteSession::refuse(std::string why, double now) {
  refusal_ = std::move(why);
  phase_ = Phase::refused;
  again_ = now + refused_seconds;
}

void RemoteSession::take_opened(Bytes message, double now) {
  const auto told = Pairs::of(message, "/sideman/opened");
  if (!told || told->integer("serial") != serial_ || phase_ != Phase::opening) return;
  constexpr int64_t many = 1 << 20;
  ModelInfo opened;
  opened.name = std::string(told->text("name"));
  opened.backend = "remote";
  opened.sample_rate = small(told->integer("sample_rate"), 1, many);
  opened.frame_samples = small(told->integer("frame_samples"), 1, many);
  opened.hop_frames.clear();
  for (const std::string& word : words_of(told->text("hops"))) {
    opened.hop_frames.push_back(small(std::atol(word.c_str()), 1, many));
  }
  opened.lead_frames = small(told->integer("lead_frames"), 0, many);
  opened.lead_minimum = small(told->integer("least_lead"), 0, many);
  opened.lead_maximum = small(told->integer("most_lead"), 0, many);
  opened.window_frames = small(told->integer("window_frames"), 1, many);
  opened.parts = words_of(told->text("parts"));
  opened.tags = words_of(told->text("tags"));
  opened.any_tag = told->integer("any_tag") != 0;
  if (opened.hop_frames.empty() || absurd(opened)) {
    refuse("it opened a model that cannot be played: do both sides have the same version?", now);
    return;
  }
  if (wish_.sample_rate > 0 && (opened.sample_rate != wish_.sample_rate ||
                                opened.frame_samples != wish_.frame_samples)) {
    refuse("model " + wish_.model + " is another one there now; load it again", now);
    return;
  }
  opened_ = std::move(opened);
  phase_ = Phase::playing;
  for (Held& one : std::exchange(held_, {})) {
    send(one.hop, one.position, std::move(one.body), now, one.deadline);
  }
}

std::vector<uint8_t> RemoteSession::open_message() const {
  return PairWriter("/sideman/open")
      .add("serial", serial_)
      .add("model", std::string_view(wish_.model))
      .add("parts", std::string_view(wish_.parts))
      .add("hop", wish_.hop)
      .add("lead", wish_.lead)
      .add("seed", wish_.seed)
      .add("device", std::string_view(wish_.device))
      .add("first", first_)
      .done();
}

}  // namespace sideman::osc
