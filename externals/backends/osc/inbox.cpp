#include "backends/osc/inbox.h"

#include <algorithm>
#include <cstring>

namespace sideman::osc {

Inbox::Taken Inbox::take(const Fragment& fragment) {
  if (past_of(fragment.hop) != nullptr) return Taken::repeated;
  if (fragment.hop + static_cast<int64_t>(remembered) <= newest_whole_) return Taken::refused;
  if (static_cast<size_t>(fragment.bytes) > most_bytes_) return Taken::refused;
  Slot* slot = slot_of(fragment.hop);
  if (slot == nullptr) slot = begin(fragment);
  if (slot == nullptr) return Taken::refused;
  if (slot->body.bytes.size() != static_cast<size_t>(fragment.bytes) ||
      slot->checksum != fragment.checksum || slot->body.position != fragment.position) {
    return Taken::refused;
  }
  const auto byte = static_cast<size_t>(fragment.number) / 8;
  const auto bit = static_cast<uint8_t>(1u << (fragment.number % 8));
  if ((slot->bits[byte] & bit) != 0) return Taken::repeated;
  slot->bits[byte] |= bit;
  std::memcpy(slot->body.bytes.data() + static_cast<size_t>(fragment.number) * fragment_bytes,
              fragment.payload.data(), fragment.payload.size());
  if (--slot->missing > 0) return Taken::stored;
  if (checksum(slot->body.bytes) != slot->checksum) {
    *slot = {};
    return Taken::damaged;
  }
  slot->whole = true;
  newest_whole_ = std::max(newest_whole_, fragment.hop);
  past_[next_past_] = {fragment.hop, fragment.bytes, slot->bits};
  next_past_ = (next_past_ + 1) % remembered;
  return Taken::complete;
}

std::optional<Body> Inbox::collect() {
  Slot* oldest = nullptr;
  for (Slot& slot : slots_) {
    if (!slot.used || !slot.whole) continue;
    if (oldest == nullptr || slot.body.hop < oldest->body.hop) oldest = &slot;
  }
  if (oldest == nullptr) return std::nullopt;
  std::optional<Body> body(std::move(oldest->body));
  *oldest = {};
  return body;
}

std::optional<Got> Inbox::got(int64_t hop) const {
  if (const Past* past = past_of(hop)) return Got{hop, past->bytes, past->bits};
  for (const Slot& slot : slots_) {
    if (slot.used && slot.body.hop == hop) {
      return Got{hop, static_cast<int32_t>(slot.body.bytes.size()), slot.bits};
    }
  }
  return std::nullopt;
}

Inbox::Slot* Inbox::slot_of(int64_t hop) {
  const auto found = std::ranges::find_if(
      slots_, [hop](const Slot& slot) { return slot.used && slot.body.hop == hop; });
  return found == slots_.end() ? nullptr : &*found;
}

// A place for a new body: a free one, or that of the oldest unfinished hop if it is older.
Inbox::Slot* Inbox::begin(const Fragment& fragment) {
  Slot* place = nullptr;
  for (Slot& slot : slots_) {
    if (!slot.used) {
      place = &slot;
      break;
    }
    if (slot.whole || slot.body.hop > fragment.hop) continue;
    if (place == nullptr || slot.body.hop < place->body.hop) place = &slot;
  }
  if (place == nullptr) return nullptr;
  const int32_t count = fragment_count(fragment.bytes);
  *place = {.used = true,
            .whole = false,
            .checksum = fragment.checksum,
            .missing = count,
            .body = {fragment.hop, fragment.position,
                     std::vector<uint8_t>(static_cast<size_t>(fragment.bytes))},
            .bits = std::vector<uint8_t>(static_cast<size_t>(count + 7) / 8)};
  return place;
}

const Inbox::Past* Inbox::past_of(int64_t hop) const {
  const auto found =
      std::ranges::find_if(past_, [hop](const Past& past) { return past.hop == hop; });
  return found == past_.end() ? nullptr : &*found;
}

}  // namespace sideman::osc
