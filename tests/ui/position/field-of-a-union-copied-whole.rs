use deepclone::DeepClone;

#[derive(Clone, Copy, DeepClone)]
#[deepclone(clone)]
union Bits {
    #[deepclone(default)]
    float: f32,
    #[deepclone(bound = "")]
    whole: u32,
}

fn main() {}
