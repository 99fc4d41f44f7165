//! `-o`: what kubeadm v1.37.2 prints for a list of forms and templates is stored; kinit prints the same.
//!
//! `UPDATE=1 KUBEADM=/path/to/kubeadm cargo test --test it output` writes it anew; with KUBEADM alone it is compared.

use serde_json::Value;

use crate::support::{PATH, Place, Run, as_stored, kinit, kubeadm, page, program, run};

const STORED: &str = "tests/golden/output-forms.txt";

/// What is typed after `-o`, over the list of images.
const FORMS: [&str; 52] = [
    "text",
    "json",
    "yaml",
    "kyaml",
    "jsonpath={.images[0]}",
    "jsonpath={.images[-1]}",
    "jsonpath={.images[1:3]}",
    "jsonpath={.images[::2]}",
    "jsonpath={.images[0,2,-1]}",
    "jsonpath={.images[2:2]}|",
    "jsonpath={.images}",
    "jsonpath={.images[*]}",
    "jsonpath={.kind}: {$.apiVersion}",
    "jsonpath={['kind']}{\"\\n\"}{['kind','apiVersion']}",
    "jsonpath={range .images[*]}{@}{\"\\n\"}{end}",
    "jsonpath={range .images[*]}- {@}{'\\t'}{end}.",
    "jsonpath={..images[3]}",
    "jsonpath={.nothing}|{.nothing.at.all}|",
    "jsonpath={.images[?(@==\"registry.k8s.io/pause:3.10.2\")]}",
    "jsonpath={.images[?(@>=\"registry.k8s.io/kube-p\")]}",
    "jsonpath={.images[?(@)]}",
    "jsonpath={@}",
    "jsonpath={.}|{$.}|{.kind.}|{range .}x{end}",
    "jsonpath=no braces at all",
    "jsonpath={.kind",
    "jsonpath={.images[9]}",
    "jsonpath={.images[x]}",
    "jsonpath={.kind[0]}",
    "jsonpath={end}",
    "jsonpath={foo}",
    "jsonpath={\"open}",
    "jsonpath",
    "jsonpath-as-json={.images[1:3]}",
    "jsonpath-as-json={.kind}{.images[0]}",
    "go-template={{range .images}}{{.}}{{\"\\n\"}}{{end}}",
    "go-template={{len .images}} {{index .images 0}} {{.images}} {{.nothing}}",
    "template={{if eq .kind \"Images\"}}yes{{else}}no{{end}}{{with .nothing}}x{{else}}y{{end}}",
    "go-template={{range .images -}}\n  {{ . | printf \"%-50s|\" }}\n{{- end}}{{/* over */}}",
    "go-template={{if and (gt (len .images) 3) (not .nothing)}}{{println .kind $.apiVersion}}{{end}}",
    "go-template={{printf \"%s %q %v%%\" .kind .apiVersion (eq .kind \"a\" \"b\")}}",
    "go-template={{range.images}}{{.}}{{end}}{{if.nothing}}x{{else if.kind}}y{{end}}",
    "go-template={{.nothing.at.all}}|{{(.nothing).more}}",
    "go-template={{len .images | printf \"%03d %-03d|%3d\" 4 -5}}",
    "go-template={{printf \"%04d|%05s|%5s|%-5s|\" -5 \"ab\" \"ab\" \"ab\"}}",
    "go-template={{.kind",
    "go-template={{range .images}}",
    "go-template={{nothing}}",
    "json=x",
    "xml",
    "YAML",
    "Json=x",
    "Text",
];

#[test]
fn kubeadm_prints_what_is_stored() {
    let Some(kubeadm) = kubeadm() else { return };
    page(STORED, &FORMS.map(|form| entry(form, &printed(&kubeadm, form))).concat());
}

#[test]
fn kinit_prints_the_same() {
    let stored = include_str!("../golden/output-forms.txt");
    as_stored(stored, FORMS.map(|form| entry(form, &printed(program().as_str(), form))));
}

fn printed(program: &str, form: &str) -> Run {
    run(program, &["config", "images", "list", "--kubernetes-version=v1.37.2", "-o", form], PATH, "")
}

/// One run; JSON and YAML by value.
fn entry(form: &str, run: &Run) -> String {
    let text = match form {
        "json" => serde_json::from_str::<Value>(&run.stdout).expect("JSON").to_string(),
        "yaml" | "kyaml" => kinit::yaml::document(&run.stdout).expect("YAML").to_string(),
        _ => run.stdout.clone(),
    };
    format!("==== -o {form:?}: status {}\n{text}\n", run.status)
}

#[test]
fn a_field_that_is_missing_is_an_error_where_it_may_not_be() {
    for form in ["jsonpath={.nothing}", "go-template={{.nothing}}"] {
        let args = ["config", "images", "list", "--kubernetes-version=v1.37.2", "--allow-missing-template-keys=false"];
        kinit(&[&args[..], &["-o", form]].concat()).refused(&["nothing"]);
    }
}

#[test]
fn a_range_without_its_end_is_an_error() {
    kinit(&["config", "images", "list", "-o", "jsonpath={range .images[*]}{@}"]).refused(&["range without its end"]);
}

/// What a command is for has to get there, unless nobody wants more of it.
#[test]
fn output_that_nobody_gets() {
    let place = Place::new();
    let old = place.file("old.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ResetConfiguration\n");
    let to = |out: &str, line: &str| {
        let line = format!("exec {} {line} {out}", program());
        run("bash", &["-o", "pipefail", "-c", &line], PATH, "")
    };
    let migrate = format!("config migrate --old-config {old}");
    let list = "config images list --kubernetes-version=v1.37.2";
    for line in [list, &format!("{list} -o json"), &migrate, "config print init-defaults", "token generate"] {
        to(">/dev/full", line).refused(&["error: cannot write to standard output: No space left on device"]);
        let run = to("| true", line);
        assert!(run.stderr.is_empty(), "{line}: {run:?}");
    }
}

#[test]
fn templates_in_files() {
    let place = Place::new();
    let list = |form: &str| kinit(&["config", "images", "list", "--kubernetes-version=v1.37.2", "-o", form]);
    let path = place.file("path", "{.kind}\n");
    assert_eq!(list(&format!("jsonpath-file={path}")).ok().stdout, "Images\n");
    let template = place.file("template", "{{.kind}}.");
    for form in ["go-template-file", "templatefile"] {
        assert_eq!(list(&format!("{form}={template}")).ok().stdout, "Images.");
    }
    list("jsonpath-file=/nowhere").refused(&["error reading --template /nowhere: no such file or directory"]);
    list("go-template-file").refused(&["template format specified but no template given"]);
}
