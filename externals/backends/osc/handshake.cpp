#include "backends/osc/handshake.h"

#include <algorithm>

#include <sodium.h>

namespace sideman::osc {
namespace {

// libsodium must be set up before anything else of it is called; doing it again costs nothing.
bool set_up() { return sodium_init() >= 0; }

class Hash {
 public:
  Hash(const Key* key, size_t size) : size_(size) {
    set_up();
    crypto_generichash_init(&state_, key == nullptr ? nullptr : key->data(),
                            key == nullptr ? 0 : key_bytes, size);
  }
  Hash& add(Bytes bytes) {
    crypto_generichash_update(&state_, bytes.data(), bytes.size());
    return *this;
  }
  Hash& add(std::string_view text) {
    return add(Bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
  }
  Hash& add(int64_t value) {
    std::array<uint8_t, 8> bytes{};
    for (size_t i = 0; i < 8; ++i) {
      bytes[i] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (56 - 8 * i));
    }
    return add(Bytes(bytes));
  }
  void end(uint8_t* out) { crypto_generichash_final(&state_, out, size_); }
  Key key() {
    Key out{};
    end(out.data());
    return out;
  }

 private:
  crypto_generichash_state state_{};
  size_t size_;
};

}  // namespace

KeyPair KeyPair::make() {
  set_up();
  KeyPair pair;
  crypto_box_keypair(pair.open.data(), pair.secret.data());
  return pair;
}

void wipe(Key& key) { sodium_memzero(key.data(), key.size()); }

Key token_key(std::string_view token) {
  return Hash(nullptr, key_bytes).add("sideman 1 token").add(token).key();
}

Key hello_proof(const Key& token, const Key& client) {
  return Hash(&token, key_bytes).add("sideman 1 hello").add(client).key();
}

Key welcome_proof(const Key& token, const Key& client, const Key& server, int64_t session) {
  return Hash(&token, key_bytes)
      .add("sideman 1 welcome")
      .add(client)
      .add(server)
      .add(session)
      .key();
}

bool same(Bytes one, Bytes other) {
  return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::optional<SessionKeys> session_keys(Side side, const KeyPair& own, const Key& other,
                                        const Key& token, int64_t session) {
  set_up();
  Key shared{};
  if (crypto_scalarmult(shared.data(), own.secret.data(), other.data()) != 0) return std::nullopt;
  const bool client = side == Side::client;
  std::array<uint8_t, 2 * key_bytes> both{};
  Hash(&token, both.size())
      .add("sideman 1 session")
      .add(shared)
      .add(client ? own.open : other)
      .add(client ? other : own.open)
      .add(session)
      .end(both.data());
  SessionKeys keys;
  Key& to_server = client ? keys.sends : keys.receives;
  Key& to_client = client ? keys.receives : keys.sends;
  std::copy_n(both.begin(), key_bytes, to_server.begin());
  std::copy_n(both.begin() + key_bytes, key_bytes, to_client.begin());
  sodium_memzero(both.data(), both.size());
  sodium_memzero(shared.data(), shared.size());
  return keys;
}

}  // namespace sideman::osc
