#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <utility>

#include "core/settings.h"

using namespace sideman;

namespace {

Status set(Settings& settings, std::string_view name, std::vector<Atom> values) {
  return settings.set(name, values);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : std::string(text) + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

// Some values that the row accepts, beside its default.
std::vector<std::vector<Atom>> samples_of(const Setting& row) {
  std::vector<std::vector<Atom>> samples;
  for (const std::string& word : split(row.choices)) samples.push_back({Atom{word}});
  const auto low = static_cast<int64_t>(row.minimum), high = static_cast<int64_t>(row.maximum);
  switch (row.type) {
    case SettingType::toggle:
    case SettingType::integer:
      samples.push_back({Atom{low}});
      samples.push_back({Atom{high}});
      break;
    case SettingType::real:
      samples.push_back({Atom{row.minimum}});
      samples.push_back({Atom{row.minimum + 0.25}});
      samples.push_back({Atom{row.maximum}});
      break;
    case SettingType::text: samples.push_back({Atom{std::string("a/folder name")}}); break;
    case SettingType::words:
      samples.push_back({Atom{std::string("drums")}, Atom{std::string("my flute")}});
      break;
    case SettingType::tags:
      samples.push_back({Atom{std::string("funk")}, Atom{0.75}, Atom{std::string("my mood")}});
      samples.push_back({Atom{std::string()}});
      break;
    case SettingType::choice: break;
  }
  return samples;
}

}  // namespace

TEST_CASE("the table says the defaults that Settings has") {
  for (const Setting& row : settings_table()) {
    CAPTURE(row.name);
    Settings settings;
    std::vector<Atom> typed;
    for (const std::string& word : split(row.fallback)) typed.emplace_back(word);
    CHECK(settings.set(row.name, typed).ok());
    CHECK(settings == Settings{});
  }
}

TEST_CASE("every row round-trips") {
  for (const Setting& row : settings_table()) {
    for (const auto& values : samples_of(row)) {
      CAPTURE(row.name);
      Settings settings;
      REQUIRE(settings.set(row.name, values).ok());
      const auto saved = settings.get(row.name);
      CHECK(saved == values);
      Settings restored;
      CHECK(restored.set(row.name, saved).ok());
      CHECK(restored == settings);
    }
  }
}

TEST_CASE("names, labels and sentences are there, once each") {
  std::set<std::string_view> names, labels;
  for (const Setting& row : settings_table()) {
    CAPTURE(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(labels.insert(row.label).second);
    CHECK(row.sentence.back() == '.');
    CHECK(find_setting(row.name) == &row);
    CHECK_FALSE(Settings{}.get(row.name).empty());
  }
  CHECK(find_setting("tone") == nullptr);
  CHECK(Settings{}.get("tone").empty());
}

TEST_CASE("a refusal says what was given and what is accepted, and changes nothing") {
  Settings settings;
  CHECK(set(settings, "hop", {Atom{int64_t{0}}}).sentence ==
        "hop 0: not accepted; give a whole number, 1 to 256 frames, or auto");
  CHECK(set(settings, "hop", {Atom{2.5}}).sentence ==
        "hop 2.5: not accepted; give a whole number, 1 to 256 frames, or auto");
  CHECK(set(settings, "fade", {Atom{std::string("long")}}).sentence ==
        "fade long: not accepted; give a number, 0 to 50 ms");
  CHECK(set(settings, "clock", {Atom{std::string("cuckoo")}}).sentence ==
        "clock cuckoo: not accepted; give one of auto, transport, track, off");
  CHECK(set(settings, "mute", {Atom{int64_t{2}}}).sentence ==
        "mute 2: not accepted; give 0 or 1");
  CHECK(set(settings, "seed", {}).sentence ==
        "seed (nothing): not accepted; give a whole number, 0 to 2147483647");
  CHECK(set(settings, "model", {}).code == StatusCode::invalid);
  CHECK(set(settings, "model", {Atom{std::string("a")}, Atom{std::string("b")}}).code ==
        StatusCode::invalid);
  CHECK(set(settings, "tempo", {Atom{1.0}}).sentence ==
        "tempo: no such setting; see the reference for the names");
  CHECK(settings == Settings{});
}

TEST_CASE("numbers are taken from words and from reals that are whole, not from nonsense") {
  Settings settings;
  CHECK(set(settings, "hop", {Atom{std::string("3")}}).ok());
  CHECK(settings.hop == 3);
  CHECK(set(settings, "hop", {Atom{4.0}}).ok());
  CHECK(settings.hop == 4);
  CHECK_FALSE(set(settings, "hop", {Atom{std::string("3x")}}).ok());
  CHECK_FALSE(set(settings, "hop", {Atom{std::string("nan")}}).ok());
  CHECK_FALSE(set(settings, "fade", {Atom{std::numeric_limits<double>::quiet_NaN()}}).ok());
  CHECK_FALSE(set(settings, "fade", {Atom{std::numeric_limits<double>::infinity()}}).ok());
  CHECK(settings.hop == 4);
}

TEST_CASE("parts are different words, as many as there are outlets to have") {
  Settings settings;
  CHECK_FALSE(set(settings, "parts", {}).ok());
  CHECK_FALSE(set(settings, "parts", {Atom{std::string("bass")}, Atom{std::string("bass")}}).ok());
  CHECK_FALSE(set(settings, "parts", std::vector<Atom>(65, Atom{std::string("x")})).ok());
  CHECK(set(settings, "parts", {Atom{std::string("bass")}, Atom{int64_t{808}}}).ok());
  CHECK(settings.parts == std::vector<std::string>{"bass", "808"});
}

TEST_CASE("tags are words, each with the weight after it or 1") {
  Settings settings;
  const auto take = [&](std::vector<Atom> words) { return set(settings, "tags", words).ok(); };
  const auto word = [](const char* text) { return Atom{std::string(text)}; };
  CHECK(take({word("funk"), Atom{0.7}, word("bright")}));
  CHECK(settings.tags == std::vector<Tag>{{"funk", 0.7}, {"bright", 1.0}});
  CHECK(take({word("funk"), word("0.25"), word("bright"), Atom{int64_t{0}}}));
  CHECK(settings.tags == std::vector<Tag>{{"funk", 0.25}, {"bright", 0.0}});
  const std::vector<Tag> former = settings.tags;
  CHECK_FALSE(take({Atom{0.5}}));
  CHECK_FALSE(take({word("funk"), Atom{0.5}, Atom{0.5}}));
  CHECK_FALSE(take({word("funk"), Atom{1.5}}));
  CHECK_FALSE(take({word("funk"), Atom{-0.5}}));
  CHECK_FALSE(take({word("funk"), Atom{0.5}, word("funk")}));
  CHECK_FALSE(take({word("funk"), word("")}));
  CHECK(settings.tags == former);
  std::vector<Atom> many;
  for (int i = 0; i < 16; ++i) many.push_back(word(("tag" + std::to_string(i)).c_str()));
  CHECK(take(many));
  many.push_back(word("another"));
  CHECK_FALSE(take(many));
  CHECK(settings.tags.size() == 16);
  CHECK(set(settings, "tags", {Atom{0.5}}).sentence ==
        "tags 0.5: not accepted; give up to 16 different words, each with a weight from 0 to 1 "
        "after it or none for 1");
  CHECK(take({}));
  CHECK(settings.tags.empty());
}

TEST_CASE("python without a value goes back to the default places") {
  Settings settings;
  CHECK(set(settings, "python", {Atom{std::string("/a/venv")}}).ok());
  CHECK(set(settings, "python", {}).ok());
  CHECK(settings.python.empty());
}
