#include "Outline.hpp"

#include <algorithm>

#include "Plan.hpp"

void sj_outline::begin() {
    steps.clear();
    keys.clear();
    missing.clear();
    tokens_count = 0;
    is_regular = true;
    parting = 0;
}

void sj_outline::value(
    uint32_t place, uint8_t before, uint8_t c, uint32_t node, const uint8_t *key, uint32_t key_count) {
    step step{};
    step.place = place;
    step.key_begin = static_cast<uint32_t>(keys.size());
    step.key_count = key_count;
    step.node = node;
    step.before = before;
    step.bracket = c == '{' || c == '[' ? c : 0;
    if (key_count != 0) {
        // White space between a key and its colon is rare, and not provided for.
        is_regular = is_regular && key_count >= 3 && key[key_count - 2] == '"';
        keys.append(reinterpret_cast<const char *>(key), key_count);
        const uint32_t first = std::min(key_count, 16u);
        uint8_t ones[16] = {};
        std::memset(ones, 0xFF, first);
        std::memcpy(step.key, key, first);
        std::memcpy(step.mask, ones, sizeof ones);
    }
    steps.push_back(step);
}

void sj_outline::close(uint32_t place, uint8_t bracket, uint32_t node, uint32_t opening) {
    step step{};
    step.place = place;
    step.node = node;
    step.opening = opening;
    step.bracket = bracket;
    steps.push_back(step);
}

void sj_outline::end(const sj_plan &plan, uint32_t count) {
    if (!is_regular) return;
    missing = plan.slots;
    for (const step &step : steps) {
        if (step.node == sj_plan::NONE) continue;
        for (uint32_t slot : plan.nodes[step.node].slots) {
            missing.erase(std::remove(missing.begin(), missing.end(), slot), missing.end());
        }
    }
    tokens_count = count;
}

// Whether a step's key and brackets are where they were.
__attribute__((always_inline)) inline bool sj_outline::fits(
    const step &step, const uint8_t *json, uint32_t count, const uint32_t *tokens) const {
    const uint32_t *const place = tokens + step.place;
    if (step.bracket != 0 && json[place[0]] != step.bracket) return false;
    if (step.before == 0) return true;
    if (step.key_count == 0) return json[place[-1]] == step.before;
    // Before the value are its colon, which is the last byte of what counts as the key, and the key.
    const uint32_t key = place[-2];
    if (json[place[-3]] != step.before || place[-1] - key != step.key_count - 1) return false;
    if (step.key_count > 16 || count - key < 16) {
        return std::memcmp(json + key, keys.data() + step.key_begin, step.key_count) == 0;
    }
    uint64_t found[2];
    std::memcpy(found, json + key, sizeof found);
    return (((found[0] ^ step.key[0]) & step.mask[0]) | ((found[1] ^ step.key[1]) & step.mask[1])) == 0;
}

bool sj_outline::follow(
    const sj_plan &plan, const uint8_t *json, uint32_t count, const uint32_t *tokens, sj_value *values) {
    if (json[tokens[0]] != '{' || !fits(steps[parting], json, count, tokens)) return false;
    const sj_plan::node *const nodes = plan.nodes.data();
    for (const step &step : steps) {
        const uint32_t begin = tokens[step.place];
        if (!fits(step, json, count, tokens)) {
            parting = static_cast<size_t>(&step - steps.data());
            return false;
        }
        if (step.bracket != 0) {
            if (step.before != 0 || step.node == sj_plan::NONE) continue;
            const uint32_t opening = tokens[step.opening];
            const sj_kind kind = step.bracket == '}' ? SJ_OBJECT : SJ_ARRAY;
            nodes[step.node].put(values, json + opening, begin + 1 - opening, kind);
        } else if (json[begin] == '"') {
            // Behind it there is at least the last bracket.
            const uint32_t end = sj_string_end(json, begin, tokens[step.place + 1]);
            if (end == begin) return false;
            if (step.node == sj_plan::NONE) continue;
            nodes[step.node].put(values, json + begin + 1, end - begin - 2, SJ_STRING);
        } else {
            sj_kind kind;
            const uint32_t end = sj_scalar_end(json, count, begin, kind);
            if (end == begin || !sj_may_end(json, count, end)) return false;
            if (step.node != sj_plan::NONE) nodes[step.node].put(values, json + begin, end - begin, kind);
        }
    }
    sj_plan::clear(missing, values);
    return true;
}

bool sj_outlines::follow(
    const sj_plan &plan, const uint8_t *json, uint32_t count, const uint32_t *tokens, uint32_t tokens_count,
    sj_value *values) {
    for (sj_outline &outline : sets[tokens_count % SETS]) {
        if (outline.tokens_count != tokens_count || !outline.follow(plan, json, count, tokens, values)) continue;
        outline.worth = std::min<uint8_t>(outline.worth + 1, MAXIMUM_WORTH);
        return true;
    }
    return false;
}

sj_outline *sj_outlines::unused(uint32_t tokens_count) {
    if (tokens_count > sj_outline::MAXIMUM_TOKENS) return nullptr;
    std::array<sj_outline, WAYS> &ways = sets[tokens_count % SETS];
    sj_outline &least = *std::min_element(
        ways.begin(), ways.end(), [](const sj_outline &a, const sj_outline &b) { return a.worth < b.worth; });
    if (least.worth > 0) {
        least.worth--;
        return nullptr;
    }
    least.worth = FIRST_WORTH;
    return &least;
}
