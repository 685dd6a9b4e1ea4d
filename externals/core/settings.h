#pragma once
// The one table of settings. Max attributes, Pd messages, command-line options, the reference page
// and the help text are generated from `settings_table()` or checked against it. Any thread but
// audio: the engine hands that the few plain numbers it needs.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/status.h"
#include "core/tags.h"

namespace sideman {

// What a host message carries: a whole number, a real number or a word.
using Atom = std::variant<int64_t, double, std::string>;

enum class SettingType { toggle, integer, real, choice, text, words, tags };

// What a change of the setting costs while music plays.
enum class SettingEffect {
  live,     // taken up by the next hop
  stream,   // a new stream: fades out, starts again with the same model
  backend,  // the model is opened again
  creation  // fixed when the object is made (the number of outlets)
};

struct Setting {
  std::string_view name;
  SettingType type;
  std::string_view unit;       // "frames", "ms", "" ...
  double minimum;              // for integer and real
  double maximum;
  std::string_view fallback;   // the default, as a user would type it
  std::string_view choices;    // space separated, for choice; also the words an integer may take ("auto")
  SettingEffect effect;
  std::string_view label;      // for the inspector
  std::string_view sentence;   // one sentence of help
};

std::span<const Setting> settings_table();
const Setting* find_setting(std::string_view name);

inline constexpr int most_parts = 64;
inline constexpr int32_t automatic = -1;  // lead and hop: chosen by the engine or the model

struct Settings {
  std::string model = "mini";
  std::vector<std::string> parts = {"auto"};
  bool mc = false;
  int32_t hop = automatic;
  int32_t lead = automatic;
  int32_t steps = automatic;
  int64_t seed = 0;
  double guidance = automatic;
  double temperature = automatic;
  std::string sampler = "auto";
  std::string mode = "accompany";
  std::vector<Tag> tags;
  double inertia = 1.0;
  double feedback = 0.0;
  double mix = 1.0;
  double patience = 1.0;
  std::string clock = "auto";
  std::string backend = "auto";
  std::string host;
  int32_t port = 7770;
  std::string token;
  std::string device = "auto";
  std::string python;
  int32_t threads = 1;
  double fade = 10.0;
  std::string fallback = "silence";
  bool mute = false;
  double delay = 0.0;

  bool operator==(const Settings&) const = default;

  // Takes from `other` every setting of that effect.
  void take(const Settings& other, SettingEffect effect);

  // Whether a model that was opened with `other` is the one that these ask for: what their backend
  // does not look at may differ.
  bool opens_as(const Settings& other) const;

  // False: the model's own choice of a part.
  bool names_parts() const { return parts != std::vector<std::string>{"auto"}; }

  // Takes one setting as typed. On error nothing changes and the sentence says what is accepted.
  Status set(std::string_view name, std::span<const Atom> values);
  // The value as atoms, as a patch would save it; empty for an unknown name.
  std::vector<Atom> get(std::string_view name) const;
};

}  // namespace sideman
