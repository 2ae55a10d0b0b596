//! Inputs of the short run: known inputs changed a little, by a generator whose numbers follow from a seed.

/// The longest input that is made.
pub const BYTES_MAX: usize = 16_384;

/// Numbers from a seed (SplitMix64): the same on every machine.
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// A seed that differs from target to target.
pub fn seed_of(name: &str, seed: u64) -> u64 {
    name.bytes().fold(seed ^ 0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// An input: one of the known ones changed one to eight times, or nothing but chance.
pub fn input(known: &[Vec<u8>], words: &[&str], random: &mut Random) -> Vec<u8> {
    if known.is_empty() || random.below(8) == 0 {
        let length = 1 << random.below(11);
        return (0..random.below(length) + 1).map(|_| random.byte()).collect();
    }
    let mut input = known[random.below(known.len())].clone();
    for _ in 0..=random.below(8) {
        change(&mut input, known, words, random);
        input.truncate(BYTES_MAX);
    }
    input
}

fn change(input: &mut Vec<u8>, known: &[Vec<u8>], words: &[&str], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let end = (at + 1 + random.below(16)).min(input.len());
    match random.below(11) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = random.byte(),
        2 => input.insert(at, random.byte()),
        3 if at < end => drop(input.drain(at..end)),
        4 if at < end => {
            let copy = input[at..end].to_vec();
            let times = repetitions(random);
            splice(input, end, &copy.repeat(times));
        }
        5 => {
            let other = &known[random.below(known.len())];
            let from = random.below(other.len() + 1);
            let length = random.below(other.len() - from + 1);
            splice(input, at, &other[from..from + length]);
        }
        6 => input.truncate(at),
        7 => splice(input, at, random.of(&NUMBERS).as_bytes()),
        8 if at < end => {
            let word = if words.is_empty() { "" } else { random.of(words) };
            input.splice(at..end, word.bytes());
        }
        _ if !words.is_empty() => {
            let word = random.of(words);
            splice(
                input,
                at,
                word.repeat(if random.below(16) == 0 { repetitions(random) } else { 1 }).as_bytes(),
            );
        }
        _ => input.push(random.byte()),
    }
}

/// Mostly few, sometimes very many: what is nested or repeated thousands of times must cost no stack and no square.
fn repetitions(random: &mut Random) -> usize {
    if random.below(8) == 0 { 1 << random.below(13) } else { 1 + random.below(4) }
}

fn splice(input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let room = BYTES_MAX.saturating_sub(input.len());
    input.splice(at..at, bytes.iter().copied().take(room));
}

impl Random {
    fn of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }
}

/// Numbers at which parsers and arithmetic turn.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "0.1",
    "1e400",
    "-1e-400",
    "1e9999999999",
    "65536",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "99999999999999999999999999999999999999.999999999999999999",
];
