#include "host/doctor.h"

#include "backends/python/dynamic_library.h"
#include "backends/python/venv.h"
#include "core/paths.h"

namespace sideman {

namespace {

Check check(std::string name, const Status& status, std::string found) {
  return {std::move(name), status.ok(), status.ok() ? std::move(found) : status.sentence};
}

// The venv and what it must hold; the second check is made only when the first one holds.
void check_python(const Settings& settings, std::vector<Check>& checks) {
  std::filesystem::path folder;
  const Status chosen = choose_venv(settings.python, default_places(own_binary()), folder);
  checks.push_back(check("python", chosen, "venv '" + path_to_utf8(folder) + "'"));
  if (!chosen.ok()) {
    return;
  }
  Venv venv;
  const Status read = read_venv(folder, venv);
  checks.push_back(check("bridge", read,
                         "Python " + venv.version + ", '" + path_to_utf8(venv.bridge) + "'"));
}

Check check_server(const EngineInfo& info, const Settings& settings) {
  const std::string host = settings.host.empty() ? "this machine" : "'" + settings.host + "'";
  std::string found = host + " port " + std::to_string(settings.port) +
                      (settings.token.empty() ? ", without a token" : ", token in '" + settings.token + "'");
  if (info.state == State::idle || info.state == State::loading) {
    return {"server", true, found + ", did not say anything yet"};
  }
  const bool opened = info.state == State::ready || info.state == State::late;
  if (opened && info.backend == "remote") return {"server", true, found};
  return {"server", false,
          found + ": does not answer" + (opened ? ", the " + info.backend + " model plays" : "") +
              "; see there that `sideman serve` runs, with the same port and token, and that no "
              "firewall is between, then send `load`"};
}

Check check_state(const EngineInfo& info, const Settings& settings) {
  const bool ok = info.state != State::error && info.state != State::lost;
  std::string sentence = "model '" + settings.model + "' is " + to_word(info.state);
  if (!ok) {
    sentence += ": mend what failed above, then send `load`";
  }
  return {"state", ok, sentence};
}

Check check_speed(const EngineInfo& info) {
  const bool ok = info.realtime_factor < 1.0;
  const std::string factor = to_text(Atom{info.realtime_factor});
  return {"speed", ok,
          ok ? "a hop takes " + factor + " of its own time"
             : "a hop takes " + factor + " of its own time: the model is too slow for this machine; "
               "use fewer steps, another device, or a longer hop where the model has one"};
}

}  // namespace

std::vector<Check> run_doctor(const EngineInfo& info, const Settings& settings) {
  std::vector<Check> checks;
  checks.push_back({"backend", true, "backend '" + settings.backend + "'"});
  const bool remote = settings.backend == "remote";
  if (remote || (settings.backend == "auto" && !settings.host.empty())) {
    checks.push_back(check_server(info, settings));
  }
  if (settings.backend != "echo" && !remote) check_python(settings, checks);
  checks.push_back(check_state(info, settings));
  if (info.state == State::ready || info.state == State::late) {
    checks.push_back(check_speed(info));
  }
  return checks;
}

std::vector<Message> doctor_messages(const std::vector<Check>& checks) {
  std::vector<Message> messages;
  for (const Check& one : checks) {
    messages.push_back({"doctor", {one.name, std::string(one.ok ? "ok" : "failed")}});
  }
  messages.push_back({"doctor", {std::string("end")}});
  return messages;
}

std::vector<Line> doctor_lines(const std::vector<Check>& checks) {
  std::vector<Line> lines;
  for (const Check& one : checks) {
    lines.push_back({one.ok ? Loudness::note : Loudness::error,
                     "doctor: " + one.name + (one.ok ? " ok: " : " failed: ") + one.sentence});
  }
  return lines;
}

}  // namespace sideman
