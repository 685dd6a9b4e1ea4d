#include "backends/osc/envelope.h"

#include <sodium.h>

#include <cstring>

namespace sideman::osc {
namespace {

constexpr std::string_view sealed = "/sideman/sealed";
constexpr std::string_view plain = "/sideman/plain";
constexpr int64_t most_counter = int64_t{1} << 53;
constexpr size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
using Nonce = std::array<uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES>;

void big_endian(uint8_t* place, int64_t value) {
  for (size_t i = 0; i < 8; ++i) {
    place[i] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (56 - 8 * i));
  }
}

Nonce nonce_of(int64_t counter) {
  Nonce nonce{};
  big_endian(nonce.data() + nonce.size() - 8, counter);
  return nonce;
}

struct Opened {
  bool sealed;
  int64_t session;
  int64_t counter;
  Bytes box;
};

std::optional<Opened> read_envelope(Bytes datagram) {
  auto message = Reader::of(datagram);
  if (!message || message->tags() != "hhb") return std::nullopt;
  if (message->address() != sealed && message->address() != plain) return std::nullopt;
  Opened found;
  found.sealed = message->address() == sealed;
  found.session = message->int64();
  found.counter = message->int64();
  found.box = message->blob();
  if (!message->complete() || found.counter < 0 || found.counter > most_counter) return std::nullopt;
  return found;
}

}  // namespace

std::optional<int64_t> session_of(Bytes datagram) {
  const auto envelope = read_envelope(datagram);
  return envelope ? std::optional(envelope->session) : std::nullopt;
}

bool Seen::has(int64_t counter) const {
  if (counter > newest_) return false;
  if (newest_ - counter >= window) return true;
  const auto place = static_cast<size_t>(counter % window);
  return (bits_[place / 64] >> (place % 64) & 1) != 0;
}

void Seen::add(int64_t counter) {
  if (counter > newest_ && counter - newest_ >= window) {
    bits_.fill(0);
  } else {
    for (int64_t i = newest_ + 1; i < counter; ++i) {
      const auto place = static_cast<size_t>(i % window);
      bits_[place / 64] &= ~(uint64_t{1} << (place % 64));
    }
  }
  if (counter > newest_) newest_ = counter;
  const auto place = static_cast<size_t>(counter % window);
  bits_[place / 64] |= uint64_t{1} << (place % 64);
}

Envelope::Envelope(int64_t session, const std::optional<SessionKeys>& keys)
    : session_(session), keys_(keys) {}

Envelope::~Envelope() {
  if (keys_) sodium_memzero(&*keys_, sizeof(SessionKeys));
}

Bytes Envelope::wrap(Place place, Bytes message) {
  Writer writer(place, keys_ ? sealed : plain, "hhb");
  const int64_t counter = next_++;
  writer.int64(session_).int64(counter);
  if (!keys_) return writer.blob(message).done();
  const Place box = writer.blob_place(message.size() + tag_bytes);
  if (box.empty()) return {};
  std::array<uint8_t, 8> session{};
  big_endian(session.data(), session_);
  crypto_aead_xchacha20poly1305_ietf_encrypt(box.data(), nullptr, message.data(), message.size(),
                                             session.data(), session.size(), nullptr,
                                             nonce_of(counter).data(), keys_->sends.data());
  return writer.done();
}

std::optional<Bytes> Envelope::unwrap(Place place, Bytes datagram) {
  const auto envelope = read_envelope(datagram);
  if (!envelope || envelope->session != session_ || envelope->sealed != keys_.has_value() ||
      seen_.has(envelope->counter)) {
    return std::nullopt;
  }
  const Bytes box = envelope->box;
  size_t size = box.size();
  if (keys_) {
    if (size < tag_bytes) return std::nullopt;
    size -= tag_bytes;
  }
  if (size > place.size()) return std::nullopt;
  if (keys_) {
    std::array<uint8_t, 8> session{};
    big_endian(session.data(), session_);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            place.data(), nullptr, nullptr, box.data(), box.size(), session.data(), session.size(),
            nonce_of(envelope->counter).data(), keys_->receives.data()) != 0) {
      return std::nullopt;
    }
  } else if (size > 0) {
    std::memcpy(place.data(), box.data(), size);
  }
  seen_.add(envelope->counter);
  return place.first(size);
}

}  // namespace sideman::osc
