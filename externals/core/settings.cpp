#include "core/settings.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "core/numbers.h"

namespace sideman {
namespace {

// Every field by its type; the order of the table does not matter here.
using Field = std::variant<std::string*, int32_t*, int64_t*, double*, bool*,
                           std::vector<std::string>*, std::vector<Tag>*>;

std::optional<Field> field_of(Settings& s, std::string_view name) {
  if (name == "model") return &s.model;
  if (name == "parts") return &s.parts;
  if (name == "mc") return &s.mc;
  if (name == "hop") return &s.hop;
  if (name == "lead") return &s.lead;
  if (name == "steps") return &s.steps;
  if (name == "seed") return &s.seed;
  if (name == "guidance") return &s.guidance;
  if (name == "temperature") return &s.temperature;
  if (name == "sampler") return &s.sampler;
  if (name == "mode") return &s.mode;
  if (name == "tags") return &s.tags;
  if (name == "inertia") return &s.inertia;
  if (name == "feedback") return &s.feedback;
  if (name == "mix") return &s.mix;
  if (name == "patience") return &s.patience;
  if (name == "clock") return &s.clock;
  if (name == "backend") return &s.backend;
  if (name == "host") return &s.host;
  if (name == "port") return &s.port;
  if (name == "token") return &s.token;
  if (name == "device") return &s.device;
  if (name == "python") return &s.python;
  if (name == "threads") return &s.threads;
  if (name == "fade") return &s.fade;
  if (name == "fallback") return &s.fallback;
  if (name == "mute") return &s.mute;
  if (name == "delay") return &s.delay;
  return std::nullopt;
}

// With what the chosen backend does not look at as it is by default.
Settings as_opened(Settings s) {
  const Settings usual;
  if (s.backend == "auto" && s.host.empty()) s.backend = "embedded";
  if (s.backend == "embedded" || s.backend == "echo") {
    s.host = usual.host;
    s.port = usual.port;
    s.token = usual.token;
  }
  if (s.backend != "echo") s.delay = usual.delay;
  if (s.backend == "echo" || s.backend == "remote") {
    s.python = usual.python;
    s.threads = usual.threads;
  }
  return s;
}

std::string plain(double value) { return digits_of(value, 10); }

std::string typed(const Atom& atom) {
  if (const auto* whole = std::get_if<int64_t>(&atom)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&atom)) return plain(*real);
  return std::get<std::string>(atom);
}

// A number as a host sends it, or as a word of digits (command lines).
std::optional<double> number(const Atom& atom) {
  if (const auto* whole = std::get_if<int64_t>(&atom)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&atom)) return *real;
  return number_of(std::get<std::string>(atom));
}

bool is_choice(const Setting& row, const std::string& word) {
  std::string_view rest = row.choices;
  while (!rest.empty()) {
    const size_t space = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, space) == word) return true;
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return false;
}

std::string listed(std::string_view choices) {
  std::string text(choices);
  for (size_t at = 0; (at = text.find(' ', at)) != std::string::npos; at += 2) {
    text.replace(at, 1, ", ");
  }
  return text;
}

std::string accepted(const Setting& row) {
  const std::string range = plain(row.minimum) + " to " + plain(row.maximum) +
                            (row.unit.empty() ? "" : " " + std::string(row.unit)) +
                            (row.choices.empty() ? "" : ", or " + std::string(row.choices));
  switch (row.type) {
    case SettingType::toggle: return "0 or 1";
    case SettingType::integer: return "a whole number, " + range;
    case SettingType::real: return "a number, " + range;
    case SettingType::choice: return "one of " + listed(row.choices);
    case SettingType::text: return "one word; where it has spaces, put it in quotes in Max, and a "
                                   "backslash before each space in Pd";
    case SettingType::words: return plain(row.minimum) + " to " + plain(row.maximum) +
                                    " different words";
    case SettingType::tags: return "up to " + plain(row.maximum) +
                                   " different words, each with a weight from 0 to 1 after it or "
                                   "none for 1";
  }
  return {};
}

Status refuse(const Setting& row, std::span<const Atom> values) {
  std::string got;
  for (const Atom& value : values) got += " " + typed(value);
  return Status::invalid(std::string(row.name) + (got.empty() ? " (nothing)" : got) +
                         ": not accepted; give " + accepted(row));
}

bool set_number(const Setting& row, const Atom& value, Field field) {
  const auto given = number(value);
  if (!given || !(*given >= row.minimum && *given <= row.maximum)) return false;
  if (row.type != SettingType::real && *given != std::floor(*given)) return false;
  if (auto** at = std::get_if<int32_t*>(&field)) **at = static_cast<int32_t>(*given);
  if (auto** at = std::get_if<int64_t*>(&field)) **at = static_cast<int64_t>(*given);
  if (auto** at = std::get_if<double*>(&field)) **at = *given;
  if (auto** at = std::get_if<bool*>(&field)) **at = *given != 0.0;
  return true;
}

bool set_automatic(Field field) {
  if (auto** at = std::get_if<int32_t*>(&field)) **at = automatic;
  if (auto** at = std::get_if<double*>(&field)) **at = automatic;
  return true;
}

bool set_words(const Setting& row, std::span<const Atom> values, std::vector<std::string>& words) {
  std::vector<std::string> given;
  for (const Atom& value : values) given.push_back(typed(value));
  const auto count = static_cast<double>(given.size());
  if (count < row.minimum || count > row.maximum) return false;
  if (std::set<std::string>(given.begin(), given.end()).size() != given.size()) return false;
  words = std::move(given);
  return true;
}

bool set_tags(std::span<const Atom> values, std::vector<Tag>& tags) {
  std::vector<TypedWord> words;
  for (const Atom& value : values) words.push_back({typed(value), number(value)});
  auto given = read_tags(words);
  if (given) tags = std::move(*given);
  return given.has_value();
}

bool set_field(const Setting& row, std::span<const Atom> values, Field field) {
  if (row.type == SettingType::words) {
    return set_words(row, values, *std::get<std::vector<std::string>*>(field));
  }
  if (row.type == SettingType::tags) return set_tags(values, *std::get<std::vector<Tag>*>(field));
  if (values.empty() && row.type == SettingType::text) {
    std::get<std::string*>(field)->clear();  // "python" alone: back to the default places
    return row.fallback.empty();
  }
  if (values.size() != 1) return false;
  if (row.type == SettingType::text || row.type == SettingType::choice) {
    const std::string word = typed(values[0]);
    if (row.type == SettingType::choice && !is_choice(row, word)) return false;
    if (word.empty() && !row.fallback.empty()) return false;
    *std::get<std::string*>(field) = word;
    return true;
  }
  const auto* word = std::get_if<std::string>(&values[0]);
  if (word != nullptr && is_choice(row, *word)) return set_automatic(field);
  return set_number(row, values[0], field);
}

Atom automatic_or(double value, Atom atom) {
  return value == automatic ? Atom{std::string("auto")} : atom;
}

// None is an empty word, as for a text: a host keeps no attribute without a value.
std::vector<Atom> atoms_of(const std::vector<Tag>& tags) {
  std::vector<Atom> atoms;
  for (const Tag& tag : tags) {
    atoms.emplace_back(tag.name);
    if (tag.weight != 1.0) atoms.emplace_back(tag.weight);
  }
  if (atoms.empty()) atoms.emplace_back(std::string());
  return atoms;
}

}  // namespace

Status Settings::set(std::string_view name, std::span<const Atom> values) {
  const Setting* row = find_setting(name);
  Settings changed = *this;
  const auto field = field_of(changed, name);
  if (row == nullptr || !field) {
    return Status::invalid(std::string(name) + ": no such setting; see the reference for the names");
  }
  if (!set_field(*row, values, *field)) return refuse(*row, values);
  *this = std::move(changed);
  return {};
}

bool Settings::opens_as(const Settings& other) const {
  const Settings theirs = as_opened(other);
  Settings mine = theirs;
  mine.take(as_opened(*this), SettingEffect::backend);
  return mine == theirs;
}

void Settings::take(const Settings& other, SettingEffect effect) {
  Settings source = other;
  for (const Setting& row : settings_table()) {
    if (row.effect != effect) continue;
    std::visit(
        [&](auto* to) { *to = *std::get<decltype(to)>(*field_of(source, row.name)); },
        *field_of(*this, row.name));
  }
}

std::vector<Atom> Settings::get(std::string_view name) const {
  Settings copy = *this;
  const auto field = field_of(copy, name);
  if (!field) return {};
  const bool may_be_automatic = is_choice(*find_setting(name), "auto");
  if (auto* const* at = std::get_if<std::string*>(&*field)) return {Atom{**at}};
  if (auto* const* at = std::get_if<bool*>(&*field)) return {Atom{int64_t{**at}}};
  if (auto* const* at = std::get_if<int64_t*>(&*field)) return {Atom{**at}};
  if (auto* const* at = std::get_if<int32_t*>(&*field)) {
    const Atom whole{int64_t{**at}};
    return {may_be_automatic ? automatic_or(**at, whole) : whole};
  }
  if (auto* const* at = std::get_if<double*>(&*field)) {
    return {may_be_automatic ? automatic_or(**at, Atom{**at}) : Atom{**at}};
  }
  if (auto* const* at = std::get_if<std::vector<Tag>*>(&*field)) return atoms_of(**at);
  std::vector<Atom> words;
  for (const std::string& word : *std::get<std::vector<std::string>*>(*field)) {
    words.emplace_back(word);
  }
  return words;
}

}  // namespace sideman
