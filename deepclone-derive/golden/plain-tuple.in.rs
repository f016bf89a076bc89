struct Pixel(u8, u16, u8);
