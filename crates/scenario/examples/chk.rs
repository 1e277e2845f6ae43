fn main() {
    for path in std::env::args().skip(1) {
        let c = ordain_scenario::check_file(std::path::Path::new(&path));
        print!("{}", c.report.render(false));
        println!("{path}: ok={}", c.scenario.is_some());
    }
}
