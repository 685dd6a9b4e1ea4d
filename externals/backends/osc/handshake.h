#pragma once
// How two sides that know the same token agree on keys that nobody else can know, now or later.
//   hello    the client's public key, with a proof that it knows the token
//   welcome  the server's public key and the session, with the server's proof
// X25519 and BLAKE2b from libsodium; keys are new for every session. Any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "backends/osc/osc.h"

namespace sideman::osc {

inline constexpr size_t key_bytes = 32;
inline constexpr size_t least_token_bytes = 16;
using Key = std::array<uint8_t, key_bytes>;

struct KeyPair {
  Key open{};    // goes to the other side
  Key secret{};

  static KeyPair make();
};

// Keys of one side of a session.
struct SessionKeys {
  Key sends{};
  Key receives{};
};

// What both sides make of a token. Tokens are random: nothing here slows down guessing.
Key token_key(std::string_view token);

Key hello_proof(const Key& token, const Key& client);
Key welcome_proof(const Key& token, const Key& client, const Key& server, int64_t session);
// Leaves nothing of it in memory.
void wipe(Key& key);
// Compares in constant time.
bool same(Bytes one, Bytes other);

enum class Side { client, server };
// Empty when the other side's key is one that no honest side makes.
std::optional<SessionKeys> session_keys(Side side, const KeyPair& own, const Key& other,
                                        const Key& token, int64_t session);

}  // namespace sideman::osc
