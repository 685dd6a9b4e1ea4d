#include "backends/osc/outbox.h"

#include <algorithm>

namespace sideman::osc {
namespace {

constexpr double least_disorder = 0.002;  // seconds

}  // namespace

void Outbox::put(int64_t hop, int64_t position, std::vector<uint8_t> bytes, double now,
                 double deadline) {
  if (bytes.empty() || bytes.size() > most_body_bytes) return;
  const auto count = static_cast<size_t>(fragment_count(static_cast<int64_t>(bytes.size())));
  Slot& slot = place();
  slot = {.used = true,
          .hop = hop,
          .position = position,
          .checksum = checksum(bytes),
          .deadline = deadline,
          .left = static_cast<int32_t>(count),
          .bytes = std::move(bytes),
          .due = std::vector<double>(count, now),
          .sent = std::vector<double>(count, -1.0),
          .tries = std::vector<int>(count, 0)};
}

void Outbox::got(const Got& report, double now, const RoundTrip& trip) {
  const auto found = std::ranges::find_if(slots_, [&report](const Slot& slot) {
    return slot.used && slot.hop == report.hop &&
           slot.bytes.size() == static_cast<size_t>(report.bytes);
  });
  if (found == slots_.end()) return;
  const int32_t left = found->left;
  for (size_t i = 0; i < found->due.size(); ++i) {
    if (found->due[i] == never || !report.has(static_cast<int32_t>(i))) continue;
    found->due[i] = never;
    --found->left;
  }
  // While something arrives the rest may be waiting in a queue: sending it again would only feed that.
  const bool news = found->left < left;
  const double overtaken = overtaken_before(*found, report, trip);
  for (size_t i = 0; i < found->due.size(); ++i) {
    if (found->due[i] == never || found->sent[i] < 0.0) continue;
    if (found->sent[i] < overtaken) {
      found->due[i] = std::min(found->due[i], now);
    } else if (news) {
      found->due[i] = std::max(found->due[i], now + trip.patience());
    }
  }
  if (found->left == 0) *found = {};
}

std::optional<Fragment> Outbox::next(double now, const RoundTrip& trip) {
  expire(now);
  if (now < rest_until_) return std::nullopt;
  Slot* slot = nullptr;
  size_t number = 0;
  for (Slot& candidate : slots_) {
    if (!candidate.used) continue;
    const auto due = std::ranges::min_element(candidate.due);
    if (*due > now || (slot != nullptr && candidate.hop > slot->hop)) continue;
    slot = &candidate;
    number = static_cast<size_t>(due - candidate.due.begin());
  }
  if (slot == nullptr) {
    in_burst_ = 0;
    return std::nullopt;
  }
  ++(slot->sent[number] < 0.0 ? counts_.sent : counts_.sent_again);
  slot->sent[number] = now;
  // What was lost twice meets a bad time: half the patience finds its end sooner.
  const bool unlucky = ++slot->tries[number] > 2;
  slot->due[number] = now + (unlucky ? trip.patience() / 2 : trip.patience());
  if (++in_burst_ >= burst) {
    in_burst_ = 0;
    rest_until_ = now + breath;
  }
  const size_t begin = number * fragment_bytes;
  const size_t size = std::min(fragment_bytes, slot->bytes.size() - begin);
  return Fragment{.hop = slot->hop,
                  .position = slot->position,
                  .number = static_cast<int32_t>(number),
                  .bytes = static_cast<int32_t>(slot->bytes.size()),
                  .checksum = slot->checksum,
                  .payload = Bytes(slot->bytes).subspan(begin, size)};
}

// What was sent before this and is missing in the report was overtaken by more than the way's disorder.
double Outbox::overtaken_before(const Slot& slot, const Got& report, const RoundTrip& trip) {
  double newest = -1.0;  // when the last of what the report has was sent
  for (size_t i = 0; i < slot.sent.size(); ++i) {
    if (report.has(static_cast<int32_t>(i))) newest = std::max(newest, slot.sent[i]);
  }
  return newest - std::max(least_disorder, 2 * trip.varies());
}

double Outbox::next_due(double now) const {
  double due = now + 60.0;
  for (const Slot& slot : slots_) {
    if (slot.used) due = std::min(due, *std::ranges::min_element(slot.due));
  }
  return std::max(due, rest_until_);
}

Outbox::Slot& Outbox::place() {
  Slot* oldest = &slots_[0];
  for (Slot& slot : slots_) {
    if (!slot.used) return slot;
    if (slot.hop < oldest->hop) oldest = &slot;
  }
  ++counts_.given_up;
  return *oldest;
}

void Outbox::expire(double now) {
  for (Slot& slot : slots_) {
    if (!slot.used || now < slot.deadline) continue;
    ++counts_.given_up;
    slot = {};
  }
}

}  // namespace sideman::osc
