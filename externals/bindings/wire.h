#pragma once
// What wire.pyx says to the protocol's C++: the same calls with pointers, strings and flags in the
// place of spans and optionals, which Cython has no words for. Any thread that owns the channel.

#include <asio.hpp>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "backends/osc/channel.h"
#include "backends/osc/ear.h"

namespace sideman::wire {

inline osc::Bytes bytes_of(const char* data, size_t size) {
  return {reinterpret_cast<const uint8_t*>(data), size};
}

inline std::string text_of(osc::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline osc::Key key_of(const std::string& bytes) {
  if (bytes.size() != osc::key_bytes) throw std::invalid_argument("a key has 32 bytes");
  osc::Key key;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

inline std::pair<std::string, std::string> make_key_pair() {
  const osc::KeyPair pair = osc::KeyPair::make();
  return {text_of(pair.open), text_of(pair.secret)};
}

inline std::string token_key(const std::string& token) { return text_of(osc::token_key(token)); }

inline std::string hello_proof(const std::string& token, const std::string& client) {
  return text_of(osc::hello_proof(key_of(token), key_of(client)));
}

inline std::string welcome_proof(const std::string& token, const std::string& client,
                                 const std::string& server, int64_t session) {
  return text_of(osc::welcome_proof(key_of(token), key_of(client), key_of(server), session));
}

inline bool same(const std::string& one, const std::string& other) {
  return osc::same(bytes_of(one.data(), one.size()), bytes_of(other.data(), other.size()));
}

// What this side sends with and receives with; both empty when the other key is refused.
inline std::pair<std::string, std::string> session_keys(bool client, const std::string& open,
                                                        const std::string& secret,
                                                        const std::string& other,
                                                        const std::string& token,
                                                        int64_t session) {
  const osc::KeyPair own{key_of(open), key_of(secret)};
  const auto keys = osc::session_keys(client ? osc::Side::client : osc::Side::server, own,
                                      key_of(other), key_of(token), session);
  if (!keys) return {};
  return {text_of(keys->sends), text_of(keys->receives)};
}

// -1: not an envelope of a session.
inline int64_t session_of(const char* data, size_t size) {
  return osc::session_of(bytes_of(data, size)).value_or(-1);
}

// Both empty: a plain session.
inline std::optional<osc::SessionKeys> keys_of(const std::string& sends,
                                               const std::string& receives) {
  if (sends.empty() && receives.empty()) return std::nullopt;
  return osc::SessionKeys{key_of(sends), key_of(receives)};
}

class Channel {
 public:
  Channel(int64_t session, const std::string& sends, const std::string& receives, size_t most_body)
      : channel_(session, keys_of(sends, receives), most_body) {}

  // True with the message in `message` when there is one for the caller.
  bool receive(const char* data, size_t size, double now, std::string& message) {
    const auto found = channel_.receive(bytes_of(data, size), now);
    if (found) message = text_of(*found);
    return found.has_value();
  }

  bool collect(osc::Body& body) {
    auto found = channel_.collect();
    if (found) body = std::move(*found);
    return found.has_value();
  }

  void send(int64_t hop, int64_t position, const char* data, size_t size, double now,
            double deadline) {
    const osc::Bytes body = bytes_of(data, size);
    channel_.send(hop, position, {body.begin(), body.end()}, now, deadline);
  }

  std::string wrap(const char* data, size_t size) {
    return text_of(channel_.wrap(place_, bytes_of(data, size)));
  }

  std::string next(double now) { return text_of(channel_.next(place_, now)); }

  const osc::Channel& inner() const { return channel_; }

 private:
  osc::Channel channel_;
  std::array<uint8_t, osc::datagram_bytes> place_{};
};

// An ear that writes a byte into `bell`, a socket of Python's, when something lies ready.
class Ear {
 public:
  Ear(uintptr_t native, bool v6, uintptr_t bell)
      : bell_(io_, asio::generic::stream_protocol(AF_INET, SOCK_STREAM),
              static_cast<Socket::native_handle_type>(bell)) {
    bell_.non_blocking(true);
    try {
      ear_.emplace(native, v6, [this] { ring(); });
    } catch (...) {
      let_go();
      throw;
    }
  }
  ~Ear() {
    ear_.reset();
    let_go();
  }

  void admit(int64_t session, const std::string& sends, const std::string& receives,
             const std::string& host, int port) {
    ear_->admit(session, keys_of(sends, receives), host, static_cast<uint16_t>(port));
  }
  void dismiss(int64_t session) { ear_->dismiss(session); }
  std::vector<osc::Ear::Came> take() { return ear_->take(); }
  int64_t dropped() const { return ear_->dropped(); }

 private:
  using Socket = asio::generic::stream_protocol::socket;

  void let_go() {
    asio::error_code ignored;
    bell_.release(ignored);  // it is Python's
  }

  void ring() {
    asio::error_code ignored;  // full: it has been rung
    bell_.send(asio::buffer("!", 1), 0, ignored);
  }

  asio::io_context io_;
  Socket bell_;
  std::optional<osc::Ear> ear_;
};

}  // namespace sideman::wire
